import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import type { Workflow } from "./queries.ts";
import type { WorkflowDialog } from "./workflow-dialogs.tsx";
import { WorkflowMenuItems } from "./workflow-menu-items.tsx";

interface RowMenuProps {
  workflow: Workflow;
  onChoose: (dialog: WorkflowDialog) => void;
}

/** What can be done with a workflow from its row. */
export function RowMenu({ workflow, onChoose }: RowMenuProps) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${workflow.name}`}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <WorkflowMenuItems workflow={workflow} onChoose={onChoose} />
      </Menu.Dropdown>
    </Menu>
  );
}

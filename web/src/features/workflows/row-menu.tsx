import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import type { Workflow } from "./queries.ts";

/** What can be done with a workflow from its row. */
export function RowMenu({ workflow, onDelete }: { workflow: Workflow; onDelete: () => void }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${workflow.name}`}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item color="red" onClick={onDelete}>
          Delete workflow
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

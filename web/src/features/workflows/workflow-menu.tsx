import { Button, Menu } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useState } from "react";
import { useCan } from "../../api/me.ts";
import { useCommands } from "../../ui/index.ts";
import { type WorkflowDialog, WorkflowDialogs } from "./workflow-dialogs.tsx";
import { WorkflowMenuItems } from "./workflow-menu-items.tsx";

/** "More" at a workflow's header: export, clone, delete. Nothing for those who may do none of it. */
export function WorkflowMenu({ workflow }: { workflow: WorkflowDialog["workflow"] }) {
  const [dialog, setDialog] = useState<WorkflowDialog | null>(null);
  const mayExport = useCan("transfer.run");
  const mayClone = useCan("workflows.edit");
  const mayDelete = useCan("workflows.delete");
  const command = (kind: WorkflowDialog["kind"], label: string) => ({
    id: kind,
    label,
    group: "This workflow",
    run: () => setDialog({ kind, workflow }),
  });
  useCommands([
    ...(mayExport ? [command("export", "Export workflow")] : []),
    ...(mayClone ? [command("clone", "Clone workflow")] : []),
    ...(mayDelete ? [command("delete", "Delete workflow")] : []),
  ]);
  if (!mayExport && !mayClone && !mayDelete) return null;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={14} aria-hidden />}>
            More
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <WorkflowMenuItems workflow={workflow} onChoose={setDialog} />
        </Menu.Dropdown>
      </Menu>
      <WorkflowDialogs dialog={dialog} onClose={() => setDialog(null)} />
    </>
  );
}

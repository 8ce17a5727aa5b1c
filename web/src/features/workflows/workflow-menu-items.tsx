import { Menu } from "@mantine/core";
import { IconCopy, IconFileExport, IconTrash } from "@tabler/icons-react";
import { useCan } from "../../api/me.ts";
import type { WorkflowDialog } from "./workflow-dialogs.tsx";

interface WorkflowMenuItemsProps {
  workflow: WorkflowDialog["workflow"];
  onChoose: (dialog: WorkflowDialog) => void;
}

/** What can be done with a workflow as a whole, as far as the person may. */
export function WorkflowMenuItems({ workflow, onChoose }: WorkflowMenuItemsProps) {
  const mayExport = useCan("transfer.run");
  const mayClone = useCan("workflows.edit");
  const mayDelete = useCan("workflows.delete");
  const choose = (kind: WorkflowDialog["kind"]) => () => onChoose({ kind, workflow });
  return (
    <>
      {mayExport && (
        <Menu.Item leftSection={<IconFileExport size={16} aria-hidden />} onClick={choose("export")}>
          Export workflow
        </Menu.Item>
      )}
      {mayClone && (
        <Menu.Item leftSection={<IconCopy size={16} aria-hidden />} onClick={choose("clone")}>
          Clone workflow
        </Menu.Item>
      )}
      {mayDelete && (
        <>
          <Menu.Divider />
          <Menu.Item
            color="var(--sw-failed)"
            leftSection={<IconTrash size={16} aria-hidden />}
            onClick={choose("delete")}
          >
            Delete workflow
          </Menu.Item>
        </>
      )}
    </>
  );
}

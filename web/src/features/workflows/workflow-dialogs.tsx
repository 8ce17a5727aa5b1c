import { useMatchRoute, useNavigate } from "@tanstack/react-router";
import { ConfirmByName, notifyDone } from "../../ui/index.ts";
import { CloneWorkflow, ExportWorkflow } from "../transfer/index.ts";
import { useDeleteWorkflow, type Workflow } from "./queries.ts";

/** What is about to be done with a workflow. */
export interface WorkflowDialog {
  kind: "export" | "clone" | "delete";
  workflow: Pick<Workflow, "id" | "name">;
}

interface WorkflowDialogsProps {
  /** Null while all are closed. */
  dialog: WorkflowDialog | null;
  onClose: () => void;
}

/** The dialogs of a workflow's menu. */
export function WorkflowDialogs({ dialog, onClose }: WorkflowDialogsProps) {
  const remove = useDeleteWorkflow();
  const navigate = useNavigate();
  const matches = useMatchRoute();
  const of = (kind: WorkflowDialog["kind"]) => (dialog?.kind === kind ? dialog.workflow : null);
  const deleting = of("delete");
  return (
    <>
      <ExportWorkflow workflow={of("export")} onClose={onClose} />
      <CloneWorkflow workflow={of("clone")} onClose={onClose} />
      <ConfirmByName
        name={deleting?.name ?? null}
        verb="Delete workflow"
        onClose={onClose}
        onConfirm={async () => {
          if (!deleting) return;
          const inside = matches({ to: "/workflows/$workflowId", params: { workflowId: deleting.id }, fuzzy: true });
          await remove.mutateAsync(deleting.id);
          notifyDone(`Deleted ${deleting.name}.`);
          if (inside !== false) await navigate({ to: "/workflows" });
        }}
      >
        Its versions, executions, schedules and webhooks go with it, and cannot be brought back. What it has cost stays
        in the ledger.
      </ConfirmByName>
    </>
  );
}

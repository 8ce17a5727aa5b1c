import { PageLink } from "../../ui/index.ts";
import type { WorkspaceEvent } from "./queries.ts";

/** Where an event's thing is; nothing where there is no page of it. Newer kinds of event may come, with data of theirs. */
export function EventLink({ event: { type, data } }: { event: WorkspaceEvent }) {
  const { executionId, nodeId, workflowId, scheduleId, webhookId } = data;
  if (typeof executionId === "string") {
    return (
      <PageLink
        to="/executions/$executionId"
        params={{ executionId }}
        search={typeof nodeId === "string" ? { step: nodeId, tab: "attempts" } : {}}
      >
        Execution
      </PageLink>
    );
  }
  if (type.startsWith("budget_")) return <PageLink to="/analytics/budgets">Budgets</PageLink>;
  if (type.startsWith("export_")) return <PageLink to="/files/exports">Exports</PageLink>;
  if (type.startsWith("import_")) return <PageLink to="/files">Import</PageLink>;
  if (typeof workflowId === "string" && typeof scheduleId === "string") {
    return (
      <PageLink to="/workflows/$workflowId/schedules/$scheduleId" params={{ workflowId, scheduleId }}>
        Schedule
      </PageLink>
    );
  }
  if (typeof workflowId === "string" && typeof webhookId === "string") {
    return (
      <PageLink to="/workflows/$workflowId/webhooks/$webhookId" params={{ workflowId, webhookId }}>
        Webhook
      </PageLink>
    );
  }
  if (typeof workflowId === "string") {
    return (
      <PageLink to="/workflows/$workflowId" params={{ workflowId }}>
        Workflow
      </PageLink>
    );
  }
  return <PageLink to="/workflows">Workflows</PageLink>;
}

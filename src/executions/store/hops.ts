import type { Db } from "../../db/client.ts";
import type { Hop } from "../../providers/index.ts";
import type { RunningExecution } from "./claim-step.ts";
import type { ClaimedStep } from "./claimed-step.ts";

/** The statement that writes fallback events, none for none. One that is there already stays. */
export function writeHops(
  db: Db,
  execution: Pick<RunningExecution, "workspaceId" | "executionId" | "workflowId">,
  step: Pick<ClaimedStep, "nodeId" | "fence">,
  hops: readonly Hop[],
): D1PreparedStatement[] {
  if (hops.length === 0) return [];
  const statement = db.d1
    .prepare(
      `INSERT INTO fallback_events (workspace_id, execution_id, node_id, fence, attempt, workflow_id, from_provider, from_model,
         to_provider, to_model, reason, success, at)
       SELECT ?1, ?2, ?3, ?4, value ->> 'attempt', ?5, value ->> 'fromProvider', value ->> 'fromModel', value ->> 'toProvider',
         value ->> 'toModel', value ->> 'reason', value ->> 'success', value ->> 'at'
       FROM json_each(?6) WHERE EXISTS (SELECT 1 FROM executions WHERE workspace_id = ?1 AND id = ?2)
       ON CONFLICT DO NOTHING`,
    )
    .bind(
      execution.workspaceId,
      execution.executionId,
      step.nodeId,
      step.fence,
      execution.workflowId,
      JSON.stringify(hops),
    );
  return [statement];
}

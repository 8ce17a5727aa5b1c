import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";

/**
 * Deletes a workflow with its versions, executions, steps and logs; foreign keys take what hangs on it along. What was
 * spent stays in the ledger. Calls that are under way are given up by their next heartbeat. Throws `workflow_not_found`.
 */
export async function deleteWorkflow(ctx: Ctx, workflowId: string): Promise<void> {
  const [, , removed] = await ctx.db.d1.batch([
    deleteUnsharedSnapshots(ctx, workflowId),
    forgetAnswers(ctx, workflowId),
    ctx.db.d1
      .prepare("DELETE FROM workflows WHERE workspace_id = ?1 AND id = ?2 RETURNING id")
      .bind(ctx.workspaceId, workflowId),
  ]);
  if (removed?.results.length !== 1) {
    throw new DomainError("workflow_not_found", "There is no such workflow in this workspace.");
  }
}

/** Removes the definitions that only this workflow points at. */
function deleteUnsharedSnapshots(ctx: Ctx, workflowId: string): D1PreparedStatement {
  return ctx.db.d1
    .prepare(
      `DELETE FROM snapshots WHERE workspace_id = ?1
         AND hash IN (
           SELECT content_hash FROM versions WHERE workspace_id = ?1 AND workflow_id = ?2
           UNION SELECT draft_hash FROM workflows WHERE workspace_id = ?1 AND id = ?2)
         AND NOT EXISTS (SELECT 1 FROM versions v WHERE v.workspace_id = ?1 AND v.content_hash = snapshots.hash AND v.workflow_id <> ?2)
         AND NOT EXISTS (SELECT 1 FROM workflows w WHERE w.workspace_id = ?1 AND w.draft_hash = snapshots.hash AND w.id <> ?2)`,
    )
    .bind(ctx.workspaceId, workflowId);
}

/** A key that was kept would go on answering with an execution that is gone. */
function forgetAnswers(ctx: Ctx, workflowId: string): D1PreparedStatement {
  return ctx.db.d1
    .prepare(
      `DELETE FROM idempotency_keys WHERE workspace_id = ?1 AND (route = 'POST /workflows/' || ?2 || '/execute'
         OR route IN (SELECT 'POST /executions/' || id || '/retry' FROM executions WHERE workspace_id = ?1 AND workflow_id = ?2))`,
    )
    .bind(ctx.workspaceId, workflowId);
}

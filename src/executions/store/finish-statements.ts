import type { Db } from "../../db/client.ts";
import type { ExecutionKey } from "./statements.ts";

/**
 * The statements that end an execution when none of its steps is left to run, and count it on its version, in the
 * batch that ended the last step. The first returns the execution's status when it ended just now.
 */
export function finishWhenDone(db: Db, key: ExecutionKey, now: number): [D1PreparedStatement, D1PreparedStatement] {
  const finish = db.d1
    .prepare(
      `UPDATE executions SET completed_at = ?3,
         status = CASE WHEN EXISTS (SELECT 1 FROM steps WHERE workspace_id = ?1 AND execution_id = ?2 AND status = 'failed') THEN 'failed' ELSE 'succeeded' END
       WHERE workspace_id = ?1 AND id = ?2 AND status IN ('queued', 'running')
         AND NOT EXISTS (SELECT 1 FROM steps WHERE workspace_id = ?1 AND execution_id = ?2 AND status IN ('pending', 'ready', 'running'))
       RETURNING status`,
    )
    .bind(key.workspaceId, key.executionId, now);
  return [finish, countOnVersion(db, key)];
}

/** Counts an execution that the statement before has ended on its version: `changes()` tells whether it did. */
export function countOnVersion(db: Db, key: ExecutionKey): D1PreparedStatement {
  return db.d1
    .prepare(
      `UPDATE versions SET
         succeeded_count = succeeded_count + (e.status = 'succeeded'),
         failed_count = failed_count + (e.status = 'failed'),
         cancelled_count = cancelled_count + (e.status = 'cancelled'),
         duration_ms_sum = duration_ms_sum +
           CASE WHEN e.status = 'cancelled' THEN 0 ELSE e.completed_at - coalesce(e.started_at, e.completed_at) END,
         cost_nano_usd_sum = cost_nano_usd_sum + e.cost_nano_usd,
         priced_count = priced_count + (e.priced_calls > 0),
         input_tokens_sum = input_tokens_sum + e.input_tokens,
         output_tokens_sum = output_tokens_sum + e.output_tokens
       FROM executions e
       WHERE changes() = 1 AND e.workspace_id = ?1 AND e.id = ?2
         AND versions.workspace_id = e.workspace_id AND versions.id = e.version_id`,
    )
    .bind(key.workspaceId, key.executionId);
}

import type { Db } from "../../db/client.ts";
import { LEASE_MS, SEND_GRACE_MS } from "../limits.ts";
import { CLAIMED, STARTED_AT } from "./claimed-step.ts";
import { EXECUTION_TAKES_ANOTHER, type ExecutionKey } from "./statements.ts";

/** Ready, due, and nobody was told: made ready by this batch, or kept back before for want of a place. */
const UNTOLD = "status = 'ready' AND (sends = 0 OR held = 1) AND coalesce(available_at, 0) <= ?3";

/** Claims one untold step for the invocation that ends another, so that a chain runs on without the queue. */
export function claimNext(db: Db, key: ExecutionKey, now: number): D1PreparedStatement {
  return db.d1
    .prepare(
      `UPDATE steps SET status = 'running', fence = fence + 1, held = 0, wake_at = ?4, started_at = ${STARTED_AT}
       WHERE workspace_id = ?1 AND execution_id = ?2 AND ${EXECUTION_TAKES_ANOTHER}
         AND node_id = (SELECT node_id FROM steps WHERE workspace_id = ?1 AND execution_id = ?2 AND ${UNTOLD} ORDER BY position LIMIT 1)
       RETURNING ${CLAIMED}`,
    )
    .bind(key.workspaceId, key.executionId, now, now + LEASE_MS);
}

/**
 * Marks the untold steps as sent, as many as there are places for, and returns them: the caller sends their messages.
 * When it dies before that, the sweeper sends after the grace.
 */
export function markSent(db: Db, key: ExecutionKey, now: number): D1PreparedStatement {
  return db.d1
    .prepare(
      `UPDATE steps SET sends = sends + 1, held = 0, wake_at = ?4
       WHERE workspace_id = ?1 AND execution_id = ?2 AND node_id IN (
         SELECT node_id FROM steps WHERE workspace_id = ?1 AND execution_id = ?2 AND ${UNTOLD} ORDER BY position
         LIMIT (SELECT CASE WHEN e.max_parallel IS NULL THEN -1 ELSE max(0, e.max_parallel -
             (SELECT count(*) FROM steps r WHERE r.workspace_id = ?1 AND r.execution_id = ?2 AND r.status = 'running')) END
           FROM executions e WHERE e.workspace_id = ?1 AND e.id = ?2))
       RETURNING node_id`,
    )
    .bind(key.workspaceId, key.executionId, now, now + SEND_GRACE_MS);
}

import { violatesCheck } from "../../db/transient.ts";
import type { Engine } from "../engine.ts";
import { executionEvent, logEvents, stepEvent } from "../live-events.ts";
import { countOnVersion } from "./finish-statements.ts";
import { allRows, changedSchema, firstRow, stoppedSchema, watchedSchema } from "./rows.ts";
import { type ExecutionKey, insertLogs, type LogLine, selectWatched } from "./statements.ts";

interface Stop {
  status: "cancelled" | "failed";
  /** What steps that were running are told to have ended with. `null` when they are only cancelled. */
  error: { code: string; message: string } | null;
  log: LogLine;
}

/**
 * Ends an execution from outside, with all steps that have not ended: at once, whoever is working on them. They learn
 * of it from their next heartbeat and drop what they have. False when the execution had ended already: what succeeded
 * first stays succeeded. Watchers are told.
 */
export async function stopExecution(engine: Engine, key: ExecutionKey, stop: Stop): Promise<boolean> {
  const { db } = engine;
  const now = engine.clock.now();
  const error = stop.error === null ? null : JSON.stringify(stop.error);
  try {
    const [stopped, , changed, , watched] = await db.d1.batch([
      db.d1
        .prepare(
          `UPDATE executions SET guard = CASE WHEN status IN ('queued', 'running') THEN 0 ELSE 1 END,
             status = ?3, error = ?4, completed_at = ?5
           WHERE workspace_id = ?1 AND id = ?2 RETURNING workflow_id`,
        )
        .bind(key.workspaceId, key.executionId, stop.status, error, now),
      countOnVersion(db, key),
      db.d1
        .prepare(
          `UPDATE steps SET completed_at = ?4, wake_at = NULL,
             error = CASE WHEN status = 'running' THEN ?3 ELSE error END,
             status = CASE WHEN status = 'running' AND ?3 IS NOT NULL THEN 'failed' ELSE 'cancelled' END
           WHERE workspace_id = ?1 AND execution_id = ?2 AND status IN ('pending', 'ready', 'running')
           RETURNING node_id, status`,
        )
        .bind(key.workspaceId, key.executionId, error, now),
      insertLogs(db, key, [stop.log]),
      selectWatched(db, key.workspaceId, now),
    ]);
    const workflowId = firstRow(stoppedSchema, stopped)?.workflow_id;
    if (workflowId === undefined) return false;
    const { executionId } = key;
    engine.log.log("info", "Engine", `execution ${stop.status}`, { executionId, workflowId, error: stop.error?.code });
    if (firstRow(watchedSchema, watched)?.watched === 1) {
      engine.publish(key.workspaceId, [
        ...allRows(changedSchema, changed).map((step) => stepEvent(key, step.node_id, step.status, now)),
        ...logEvents(key, [stop.log]),
        executionEvent({ ...key, workflowId }, stop.status, now),
      ]);
    }
    return true;
  } catch (failure) {
    if (violatesCheck(failure, "execution_is_live")) return false;
    throw failure;
  }
}

import type { Db } from "../db/client.ts";

/** A run in the history of a schedule. */
export interface RunKey {
  workspaceId: string;
  scheduleId: string;
  scheduledFor: number;
  attempt: number;
}

/** What became of a run without an execution. */
export interface ClosedRun extends RunKey {
  status: "skipped" | "failed";
  note: string;
}

/** The columns of a run's key, as JSON holds them in `each`. */
const KEY = `(each.value ->> 'workspaceId', each.value ->> 'scheduleId', each.value ->> 'scheduledFor', each.value ->> 'attempt')`;

/**
 * The statement that ends pending runs which are not started. A failed one is still to be settled: it counts as a
 * failure of its schedule. Whoever has started one meanwhile is not disturbed.
 */
export function closeUnstarted(db: Db, runs: readonly ClosedRun[], now: number): D1PreparedStatement {
  return db.d1
    .prepare(
      `UPDATE schedule_runs SET status = each.value ->> 'status', note = each.value ->> 'note', due_at = NULL,
         open = CASE WHEN each.value ->> 'status' = 'failed' THEN 1 END,
         settle_at = CASE WHEN each.value ->> 'status' = 'failed' THEN ?2 END
       FROM json_each(?1) AS each
       WHERE schedule_runs.status = 'pending' AND
         (schedule_runs.workspace_id, schedule_runs.schedule_id, schedule_runs.scheduled_for, schedule_runs.attempt) = ${KEY}`,
    )
    .bind(JSON.stringify(runs), now);
}

/**
 * The statement that lets runs wait until the open one of their schedule is settled. Where that has happened meanwhile
 * nobody would call them up: they stay due.
 */
export function putToWait(db: Db, runs: readonly RunKey[]): D1PreparedStatement {
  return db.d1
    .prepare(
      `UPDATE schedule_runs SET due_at = NULL, note = coalesce(schedule_runs.note, 'Waited for the run before it.')
       FROM json_each(?1) AS each
       WHERE schedule_runs.status = 'pending' AND
         (schedule_runs.workspace_id, schedule_runs.schedule_id, schedule_runs.scheduled_for, schedule_runs.attempt) = ${KEY}
         AND EXISTS (SELECT 1 FROM schedule_runs o WHERE o.workspace_id = schedule_runs.workspace_id
           AND o.schedule_id = schedule_runs.schedule_id AND o.open = 1)`,
    )
    .bind(JSON.stringify(runs));
}

import { z } from "zod";
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

/** The row of a run that a statement here has closed. */
export const closedSchema = z
  .object({
    workspace_id: z.string(),
    schedule_id: z.string(),
    scheduled_for: z.number(),
    attempt: z.number(),
    status: z.enum(["skipped", "failed"]),
  })
  .transform(({ workspace_id, schedule_id, scheduled_for, attempt, status }) => {
    return { workspaceId: workspace_id, scheduleId: schedule_id, scheduledFor: scheduled_for, attempt, status };
  });

const CLOSED = "RETURNING workspace_id, schedule_id, scheduled_for, attempt, status";

/** The pending runs of a JSON list. Whoever has started one meanwhile is not disturbed. */
const PENDING = `schedule_runs.status = 'pending' AND
  (schedule_runs.workspace_id, schedule_runs.schedule_id, schedule_runs.scheduled_for, schedule_runs.attempt) = ${KEY}`;

/** Whether another run of the schedule is open. */
const ONE_IS_OPEN = `EXISTS (SELECT 1 FROM schedule_runs o WHERE o.workspace_id = schedule_runs.workspace_id
  AND o.schedule_id = schedule_runs.schedule_id AND o.open = 1`;

/**
 * The statement that ends pending runs which are not started, and returns them. A failed one is still to be settled: it
 * counts as a failure of its schedule.
 */
export function closeUnstarted(db: Db, runs: readonly ClosedRun[], now: number): D1PreparedStatement {
  return db.d1
    .prepare(
      `UPDATE schedule_runs SET status = each.value ->> 'status', note = each.value ->> 'note', due_at = NULL,
         open = CASE WHEN each.value ->> 'status' = 'failed' THEN 1 END,
         settle_at = CASE WHEN each.value ->> 'status' = 'failed' THEN ?2 END
       FROM json_each(?1) AS each WHERE ${PENDING} ${CLOSED}`,
    )
    .bind(JSON.stringify(runs), now);
}

/**
 * The statement that skips pending runs beside which another is under way, and returns them. Where the other one did
 * not begin after all, or could not be started and is only to be counted yet, they stay due: they are next.
 */
export function skipOverlapping(db: Db, runs: readonly ClosedRun[]): D1PreparedStatement {
  return db.d1
    .prepare(
      `UPDATE schedule_runs SET status = 'skipped', note = each.value ->> 'note', due_at = NULL
       FROM json_each(?1) AS each
       WHERE ${PENDING} AND ${ONE_IS_OPEN} AND NOT (o.status = 'failed' AND o.execution_id IS NULL)) ${CLOSED}`,
    )
    .bind(JSON.stringify(runs));
}

/**
 * The statement that lets runs wait until the open one of their schedule is settled. Where that has happened meanwhile
 * nobody would call them up: they stay due.
 */
export function putToWait(db: Db, runs: readonly RunKey[]): D1PreparedStatement {
  return db.d1
    .prepare(
      `UPDATE schedule_runs SET due_at = NULL, note = coalesce(schedule_runs.note, 'Waited for the run before it.')
       FROM json_each(?1) AS each WHERE ${PENDING} AND ${ONE_IS_OPEN})`,
    )
    .bind(JSON.stringify(runs));
}

/** The statement that makes due runs due at another time. */
export function postpone(db: Db, runs: readonly RunKey[], dueAt: number): D1PreparedStatement {
  return db.d1
    .prepare(
      `UPDATE schedule_runs SET due_at = ?2 FROM json_each(?1) AS each WHERE ${PENDING} AND schedule_runs.due_at IS NOT NULL`,
    )
    .bind(JSON.stringify(runs), dueAt);
}

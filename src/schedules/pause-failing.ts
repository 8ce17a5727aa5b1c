import { isoTime } from "../core/clock.ts";
import { retryTransient, violatesCheck } from "../db/transient.ts";
import { recordEvent } from "../events/index.ts";
import { type ScheduleKey, skipPending } from "./statements.ts";
import type { Tick } from "./tick.ts";

interface PausedSchedule extends ScheduleKey {
  workflowId: string;
  /** The one that the decision was made on. */
  revision: number;
}

interface Pause {
  /** Names this pause among all of the workspace: noticed twice it is told once. */
  key: string;
  /** What happened and what to do. */
  message: string;
  /** What the schedule's count of failures becomes; `null` leaves it. */
  failures: number | null;
}

/**
 * Pauses a schedule that does no good any more, and tells the workspace so by an event, with whatever the batch does
 * besides: all of it, or nothing and false when somebody changed the schedule since it was read.
 */
export async function pauseFailing(
  { engine }: Tick,
  schedule: PausedSchedule,
  { key, message, failures }: Pause,
  besides: readonly D1PreparedStatement[] = [],
): Promise<boolean> {
  const { db } = engine;
  const { workspaceId, scheduleId, workflowId } = schedule;
  const at = engine.clock.now();
  const id = engine.ids.next();
  const statements = [
    db.d1
      .prepare(
        `UPDATE schedules SET guard = CASE WHEN revision = ?3 THEN 0 ELSE 1 END, revision = revision + 1, enabled = 0,
           next_run_at = NULL, failures = coalesce(?4, failures)
         WHERE workspace_id = ?1 AND id = ?2`,
      )
      .bind(workspaceId, scheduleId, schedule.revision, failures),
    skipPending(db, schedule, "The schedule was paused before it began."),
    ...besides,
    recordEvent(db, {
      workspaceId,
      id,
      key: `schedule_paused/${key}`,
      type: "schedule_paused",
      level: "warn",
      message,
      data: { scheduleId, workflowId },
      at,
    }),
  ];
  try {
    await retryTransient(() => db.d1.batch(statements));
  } catch (error) {
    if (violatesCheck(error, "schedule_is_current")) return false;
    throw error;
  }
  engine.publish(workspaceId, [
    { type: "schedule", scheduleId, workflowId, status: "paused", executionId: null, at: isoTime(at) },
  ]);
  return true;
}

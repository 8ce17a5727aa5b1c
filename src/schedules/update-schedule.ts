import { and, eq, sql } from "drizzle-orm";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { retryTransient, violatesCheck } from "../db/transient.ts";
import { checkSettings } from "./check-settings.ts";
import type { ScheduleChange, ScheduleView } from "./inputs.ts";
import { getSchedule, readSchedule } from "./read-schedules.ts";
import { schedules } from "./schema.ts";
import { merged, type ScheduleRow } from "./settings.ts";
import { asCircle, refuseCircle, skipPending, statementOf } from "./statements.ts";

/** Each lost race means that somebody else's write, or a dispatch, went through: a few tries always suffice. */
const MAX_TRIES = 5;

/**
 * Changes what is given of a schedule and keeps the rest. Its next run is computed anew from now on, whatever was
 * changed, and failures are counted from none. One that is disabled has no next run, and its runs that have not begun
 * are given up. Throws `schedule_not_found`, what creating one throws, and `schedule_conflict`.
 */
export async function updateSchedule(ctx: Ctx, scheduleId: string, change: ScheduleChange): Promise<ScheduleView> {
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const row = await readSchedule(ctx, scheduleId);
    if (await tryToUpdate(ctx, row, change)) return getSchedule(ctx, scheduleId);
  }
  throw new DomainError(
    "schedule_conflict",
    "The schedule is being changed again and again. Change it once that is over.",
  );
}

/** Stops a schedule. Executions under way go on. Throws `schedule_not_found`. */
export function pauseSchedule(ctx: Ctx, scheduleId: string): Promise<ScheduleView> {
  return updateSchedule(ctx, scheduleId, { enabled: false });
}

/** Lets a schedule go on with its next run from now: what would have been run meanwhile is not made up for. */
export function resumeSchedule(ctx: Ctx, scheduleId: string): Promise<ScheduleView> {
  return updateSchedule(ctx, scheduleId, { enabled: true });
}

/** False when the schedule was changed since it was read: nothing was written. */
async function tryToUpdate(ctx: Ctx, row: ScheduleRow, change: ScheduleChange): Promise<boolean> {
  const now = ctx.clock.now();
  const { settings, ...checked } = await checkSettings(ctx, row.workflowId, merged(row, change), now);
  const key = { workspaceId: ctx.workspaceId, scheduleId: row.id };
  const update = ctx.db.orm
    .update(schedules)
    .set({
      ...settings,
      ...checked,
      failures: 0,
      ended: 0,
      updatedAt: now,
      revision: sql`revision + 1`,
      guard: sql`CASE WHEN revision = ${row.revision} THEN 0 ELSE 1 END`,
    })
    .where(and(eq(schedules.workspaceId, ctx.workspaceId), eq(schedules.id, row.id)));
  const statements = [
    statementOf(ctx.db, update),
    refuseCircle(ctx.db, key),
    ...(settings.enabled === 0 ? [skipPending(ctx.db, key, "The schedule was paused before it began.")] : []),
  ];
  try {
    await retryTransient(() => ctx.db.d1.batch(statements));
    return true;
  } catch (error) {
    if (violatesCheck(error, "schedule_is_current")) return false;
    throw asCircle(error);
  }
}

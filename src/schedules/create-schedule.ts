import type { Ctx } from "../db/context.ts";
import { retryTransient } from "../db/transient.ts";
import { checkSettings } from "./check-settings.ts";
import type { ScheduleChange, ScheduleView } from "./inputs.ts";
import { getSchedule } from "./read-schedules.ts";
import { schedules } from "./schema.ts";
import { DEFAULT_SETTINGS, merged } from "./settings.ts";
import { asCircle, refuseCircle, statementOf } from "./statements.ts";

/**
 * Gives a workflow a schedule. Throws `workflow_not_found`, `version_not_found`, and `schedule_invalid` with the field
 * that is wrong.
 */
export async function createSchedule(ctx: Ctx, workflowId: string, given: ScheduleChange): Promise<ScheduleView> {
  const now = ctx.clock.now();
  const { settings, ...checked } = await checkSettings(ctx, workflowId, merged(DEFAULT_SETTINGS, given), now);
  const key = { workspaceId: ctx.workspaceId, scheduleId: ctx.ids.next() };
  const row = { ...settings, ...checked, workspaceId: ctx.workspaceId, id: key.scheduleId, workflowId };
  const insert = ctx.db.orm
    .insert(schedules)
    .values({ ...row, createdAt: now, updatedAt: now })
    // Sent again after a fault that hit behind its effect.
    .onConflictDoNothing();
  const statements = [statementOf(ctx.db, insert), refuseCircle(ctx.db, key)];
  try {
    await retryTransient(() => ctx.db.d1.batch(statements));
  } catch (error) {
    throw asCircle(error);
  }
  return getSchedule(ctx, key.scheduleId);
}

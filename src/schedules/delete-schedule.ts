import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";

/** Deletes a schedule with its history. Its executions stay, and those under way go on. Throws `schedule_not_found`. */
export async function deleteSchedule(ctx: Ctx, scheduleId: string): Promise<void> {
  const { results } = await ctx.db.d1
    .prepare("DELETE FROM schedules WHERE workspace_id = ?1 AND id = ?2 RETURNING id")
    .bind(ctx.workspaceId, scheduleId)
    .run();
  if (results.length === 0) {
    throw new DomainError("schedule_not_found", "There is no such schedule in this workspace.");
  }
}

import { and, desc, eq, lt, or } from "drizzle-orm";
import type { z } from "zod";
import { isoTime } from "../core/clock.ts";
import { decodeCursor, type Page, type PageRequest, pageOf } from "../core/pagination.ts";
import type { Ctx } from "../db/context.ts";
import type { runSchema } from "./inputs.ts";
import { readSchedule } from "./read-schedules.ts";
import { scheduleRuns } from "./schema.ts";

type RunView = z.infer<typeof runSchema>;

/** What became of each time that a schedule came due, newest first. Throws `schedule_not_found`. */
export async function listRuns(ctx: Ctx, scheduleId: string, request: PageRequest): Promise<Page<RunView>> {
  await readSchedule(ctx, scheduleId);
  const rows = await ctx.db.orm
    .select()
    .from(scheduleRuns)
    .where(
      and(
        eq(scheduleRuns.workspaceId, ctx.workspaceId),
        eq(scheduleRuns.scheduleId, scheduleId),
        beforeCursor(request.cursor),
      ),
    )
    .orderBy(desc(scheduleRuns.scheduledFor), desc(scheduleRuns.attempt))
    .limit(request.limit + 1);
  return pageOf(
    rows,
    request,
    (row) => `${row.scheduledFor} ${row.attempt}`,
    ({ scheduledFor, attempt, status, executionId, note }) => ({
      scheduledFor: isoTime(scheduledFor),
      attempt,
      status,
      executionId,
      note,
    }),
  );
}

function beforeCursor(cursor: string | undefined) {
  if (cursor === undefined) return undefined;
  const [at, attempt] = decodeCursor(cursor, /^\d{1,15} \d{1,3}$/)
    .split(" ")
    .map(Number);
  return or(
    lt(scheduleRuns.scheduledFor, at ?? 0),
    and(eq(scheduleRuns.scheduledFor, at ?? 0), lt(scheduleRuns.attempt, attempt ?? 0)),
  );
}

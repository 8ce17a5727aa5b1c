import { z } from "zod";
import { isoTime } from "../core/clock.ts";
import { DomainError } from "../core/errors.ts";
import { addDays, type CalendarDay, dayAt, startOfDay } from "../core/zoned-time.ts";
import type { Ctx } from "../db/context.ts";
import type { UpcomingQuery, upcomingSchema } from "./inputs.ts";
import { describe } from "./rules/describe.ts";
import { type Day, type DayRuns, runsOfDays } from "./rules/runs-of-days.ts";
import { assertTimezone } from "./rules/timezone.ts";
import { cronOf } from "./rules/timing.ts";
import { DST_GAPS, DST_OVERLAPS } from "./schema.ts";

/** Those that come first. With as many, each of seven days, an answer takes tens of milliseconds. */
export const MOST_SCHEDULES = 200;
/** Of one schedule on one day: whoever runs more often is told by its words. */
export const MOST_RUNS = 24;

type Upcoming = z.infer<typeof upcomingSchema>;

const rowSchema = z.object({
  id: z.string(),
  workflow_id: z.string(),
  workflow_name: z.string(),
  cron_expression: z.string(),
  timezone: z.string(),
  dst_gap: z.enum(DST_GAPS).nullable(),
  dst_overlap: z.enum(DST_OVERLAPS).nullable(),
  start_at: z.number().nullable(),
  end_at: z.number().nullable(),
});
type Row = z.infer<typeof rowSchema>;

/**
 * What comes in the next days of a zone's calendar, today among them, of all workflows of the workspace. One query
 * finds the schedules. Throws `schedule_invalid` for an unknown zone.
 */
export async function upcomingRuns(ctx: Ctx, query: UpcomingQuery): Promise<Upcoming> {
  const timezone = assertTimezone(query.timezone);
  const days = daysFrom(timezone, ctx.clock.now(), query.days);
  const rows = await comingSchedules(ctx, days.at(-1)?.until ?? 0);
  const planned = rows.slice(0, MOST_SCHEDULES).map((row) => ({ row, found: runsOf(row, days) }));
  return {
    timezone,
    days: days.map(({ date }) => ({
      date,
      items: planned
        .flatMap(({ row, found }) => {
          const day = found.find((each) => each.date === date);
          return day ? [itemOf(row, day)] : [];
        })
        .toSorted((a, b) => (a.runs[0] ?? "").localeCompare(b.runs[0] ?? "")),
    })),
    more: rows.length > MOST_SCHEDULES,
  };
}

function daysFrom(timezone: string, now: number, count: number): Day[] {
  const today = dayAt(timezone, now);
  return Array.from({ length: count }, (_, place) => {
    const day = addDays(today, place);
    return {
      date: dateOf(day),
      from: Math.max(now + 1, startOfDay(timezone, day)),
      until: startOfDay(timezone, addDays(day, 1)),
    };
  });
}

async function comingSchedules(ctx: Ctx, until: number): Promise<Row[]> {
  const { results } = await ctx.db.d1
    .prepare(
      `SELECT s.id, s.workflow_id, w.name AS workflow_name, s.cron_expression, s.timezone, s.dst_gap, s.dst_overlap,
         s.start_at, s.end_at
       FROM schedules s JOIN workflows w ON w.workspace_id = s.workspace_id AND w.id = s.workflow_id
       WHERE s.workspace_id = ?1 AND s.enabled = 1 AND s.cron_expression IS NOT NULL AND s.next_run_at < ?2
       ORDER BY s.next_run_at LIMIT ?3`,
    )
    .bind(ctx.workspaceId, until, MOST_SCHEDULES + 1)
    .run();
  return z.array(rowSchema).parse(results);
}

/** None of a schedule whose expression is not understood any more: it must not hide what the others do. */
function runsOf(row: Row, days: readonly Day[]): DayRuns[] {
  const timing = {
    cronExpression: row.cron_expression,
    timezone: row.timezone,
    dst: { gap: row.dst_gap, overlap: row.dst_overlap },
    startAt: row.start_at,
    endAt: row.end_at,
  };
  try {
    return runsOfDays(timing, days, MOST_RUNS);
  } catch (error) {
    if (error instanceof DomainError) return [];
    throw error;
  }
}

function itemOf(row: Row, { runs, more }: DayRuns): Upcoming["days"][number]["items"][number] {
  return {
    scheduleId: row.id,
    workflowId: row.workflow_id,
    workflowName: row.workflow_name,
    description: describe(cronOf(row.cron_expression), null),
    timezone: row.timezone,
    runs: runs.map(isoTime),
    more,
  };
}

function dateOf({ year, month, day }: CalendarDay): string {
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}

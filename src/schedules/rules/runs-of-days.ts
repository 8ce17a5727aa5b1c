import { nextRun } from "./next-run.ts";
import { cronOf, type Timing, whereOf } from "./timing.ts";

/** A day of somebody's calendar. Times are epoch milliseconds. */
export interface Day {
  /** "2026-01-31" */
  date: string;
  /** Its first moment, or now on the day that it is. */
  from: number;
  /** The first moment of the next one. */
  until: number;
}

/** What a schedule does on a day. */
export interface DayRuns {
  date: string;
  /** The first ones, ascending. */
  runs: number[];
  /** There are more than these. */
  more: boolean;
}

/**
 * The first `most` runs of each day on which there are any. What is left of a day is jumped over: a schedule that runs
 * each minute costs no more than one that runs each hour. Throws `schedule_invalid`.
 */
export function runsOfDays(timing: Timing, days: readonly Day[], most: number): DayRuns[] {
  const cron = cronOf(timing.cronExpression);
  const where = whereOf(timing, cron);
  const found: DayRuns[] = [];
  /** No run lies between the time that was asked about last and this one, which need not be looked for again. */
  let known: number | null = null;
  for (const { date, from, until } of days) {
    const first = Math.max(from, timing.startAt ?? from);
    const end = Math.min(until, (timing.endAt ?? until) + 1);
    const runs: number[] = [];
    let at: number | null = known !== null && known >= first ? known : nextRun(cron, where, first - 1);
    while (at !== null && at < end && runs.length < most) {
      runs.push(at);
      at = nextRun(cron, where, at);
    }
    if (runs.length > 0) found.push({ date, runs, more: at !== null && at < end });
    if (at === null) break;
    known = at;
  }
  return found;
}

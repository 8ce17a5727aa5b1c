import { dayAt, startOfDay } from "../../core/zoned-time.ts";
import { firstDay, nextDay } from "./buckets.ts";
import type { TimeRange } from "./cover-range.ts";

export const PERIODS = ["day", "week", "month"] as const;
export type Period = (typeof PERIODS)[number];

/**
 * The day, week (from Monday) or month of a time zone that a moment (epoch ms) lies in. It begins with the first moment
 * of its first date there, which is not midnight where clocks skip it. Throws a RangeError for an unknown zone.
 */
export function periodOf(period: Period, timezone: string, at: number): TimeRange {
  const first = firstDay(period, dayAt(timezone, at));
  return { from: startOfDay(timezone, first), to: startOfDay(timezone, nextDay(period, first)) };
}

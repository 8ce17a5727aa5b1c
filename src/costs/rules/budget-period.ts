import { addDays, type CalendarDay, dayAt, startOfDay, weekdayOf } from "../../core/zoned-time.ts";

export const PERIODS = ["day", "week", "month"] as const;
export type Period = (typeof PERIODS)[number];

/** From `start` on, and before `end`, in epoch milliseconds. */
export interface TimeSpan {
  start: number;
  end: number;
}

/**
 * The day, week (from Monday) or month of a time zone that a moment (epoch ms) lies in. It begins with the first moment
 * of its first date there, which is not midnight where clocks skip it. Throws a RangeError for an unknown zone.
 */
export function periodOf(period: Period, timezone: string, at: number): TimeSpan {
  const { first, next } = daysOf(period, dayAt(timezone, at));
  return { start: startOfDay(timezone, first), end: startOfDay(timezone, next) };
}

/** The first day of a period and that of the one after it. */
function daysOf(period: Period, day: CalendarDay): { first: CalendarDay; next: CalendarDay } {
  switch (period) {
    case "day":
      return { first: day, next: addDays(day, 1) };
    case "week": {
      const first = addDays(day, -weekdayOf(day));
      return { first, next: addDays(first, 7) };
    }
    case "month": {
      const first = { ...day, day: 1 };
      return { first, next: addDays({ ...first, month: day.month + 1 }, 0) };
    }
  }
}

/** Ranges of days that one picks by name. */
export const RANGES = ["today", "7d", "30d", "90d", "month", "last-month", "12m"] as const;
export type RangeName = (typeof RANGES)[number];

/** The parts that a range is cut into. */
export const INTERVALS = ["hour", "day", "week", "month"] as const;
export type Interval = (typeof INTERVALS)[number];

/** Days as date fields write them ("2026-11-22"), both included. */
export interface DayRange {
  from: string;
  to: string;
}

const DAY_MS = 86_400_000;
/** More bars than these are thinner than a pixel is wide. */
const MOST_BARS = 420;
const DAYS_EACH = { hour: 1 / 24, day: 1, week: 7, month: 30 } as const satisfies Record<Interval, number>;

/** The day that clocks of a zone show at a time (epoch ms): "2026-11-22". */
export function dayIn(timeZone: string, at: number): string {
  const parts: Record<string, string> = {};
  const format = new Intl.DateTimeFormat("en-US", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  for (const { type, value } of format.formatToParts(at)) parts[type] = value;
  return `${parts.year}-${parts.month}-${parts.day}`;
}

/** The days that a range means when it is `today`. Each ends today but for the last month, which is over. */
export function rangeOf(name: RangeName, today: string): DayRange {
  const [year = 0, month = 1] = today.split("-").map(Number);
  switch (name) {
    case "today":
      return { from: today, to: today };
    case "7d":
      return { from: addDays(today, -6), to: today };
    case "30d":
      return { from: addDays(today, -29), to: today };
    case "90d":
      return { from: addDays(today, -89), to: today };
    case "month":
      return { from: dayOf(Date.UTC(year, month - 1, 1)), to: today };
    case "last-month":
      return { from: dayOf(Date.UTC(year, month - 2, 1)), to: dayOf(Date.UTC(year, month - 1, 0)) };
    case "12m":
      return { from: dayOf(Date.UTC(year, month - 12, 1)), to: today };
  }
}

/** How many days a range has; 0 when it ends before it begins. */
export function daysIn({ from, to }: DayRange): number {
  return Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1);
}

/** The same number of days right before a range: what it is compared with. */
export function rangeBefore(range: DayRange): DayRange {
  const to = addDays(range.from, -1);
  return { from: addDays(to, 1 - daysIn(range)), to };
}

/** The intervals that cut so many days into bars that can be told apart. */
export function intervalsFor(days: number): Interval[] {
  return INTERVALS.filter((interval) => days / DAYS_EACH[interval] <= MOST_BARS);
}

/** The one wished for, where it fits so many days, else one that makes a readable number of bars. */
export function intervalFor(days: number, wished: Interval | undefined): Interval {
  const fitting = intervalsFor(days);
  if (wished !== undefined && fitting.includes(wished)) return wished;
  const natural: Interval = days <= 2 ? "hour" : days <= 92 ? "day" : days <= 400 ? "week" : "month";
  return fitting.includes(natural) ? natural : "month";
}

const FORMATS = {
  hour: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  day: { day: "numeric", month: "short" },
  week: { day: "numeric", month: "short" },
  month: { month: "short", year: "numeric" },
} as const satisfies Record<Interval, Intl.DateTimeFormatOptions>;

/** What a bucket is called on an axis, by its beginning as clocks of its zone show it: "22 Nov", "22 Nov, 14:00", "Nov 2026". */
export function bucketLabel(localStart: string, interval: Interval): string {
  // The offset is left out: the clock's own time is what is wanted, whatever zone the viewer is in.
  const shown = Date.parse(`${localStart.slice(0, 19)}Z`);
  return new Intl.DateTimeFormat("en-GB", { ...FORMATS[interval], timeZone: "UTC" }).format(shown);
}

/** The day so many days after another; before it for a number below 0. */
export function addDays(day: string, days: number): string {
  return dayOf(Date.parse(day) + days * DAY_MS);
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

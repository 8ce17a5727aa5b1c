export const QUARTER_MS = 900_000;
export const DAY_MS = 86_400_000;

export type RollupLevel = "quarter" | "day" | "month";

/** Buckets of one level whose beginnings lie in [from, to), epoch milliseconds. */
export interface Segment {
  level: RollupLevel;
  from: number;
  to: number;
}

/** The days and months (UTC, by the epoch ms of their beginning) whose own rows do not hold everything yet. */
export interface Unfolded {
  day: ReadonlySet<number>;
  month: ReadonlySet<number>;
}

/** From `from` on and before `to`, epoch milliseconds. */
export interface TimeRange {
  from: number;
  to: number;
}

/**
 * The fewest buckets that together are the range exactly: months where a whole one fits and is folded, then days, then
 * quarters of an hour. The range's ends must be multiples of 15 minutes ({@link toQuarters}).
 */
export function coverRange({ from, to }: TimeRange, unfolded: Unfolded): Segment[] {
  const segments: Segment[] = [];
  for (let at = from; at < to; ) {
    const next = largestAt(at, to, unfolded);
    const last = segments.at(-1);
    if (last?.level === next.level) last.to = next.to;
    else segments.push(next);
    at = next.to;
  }
  return segments;
}

/** The range moved out to whole quarters of an hour: sums are not kept any finer. */
export function toQuarters({ from, to }: TimeRange): TimeRange {
  return { from: Math.floor(from / QUARTER_MS) * QUARTER_MS, to: Math.ceil(to / QUARTER_MS) * QUARTER_MS };
}

function largestAt(at: number, to: number, unfolded: Unfolded): Segment {
  const endOfDay = (Math.floor(at / DAY_MS) + 1) * DAY_MS;
  if (at + DAY_MS !== endOfDay) return { level: "quarter", from: at, to: Math.min(endOfDay, to) };
  const endOfMonth = monthAfter(at);
  if (endOfMonth !== null && endOfMonth <= to && !unfolded.month.has(at)) {
    return { level: "month", from: at, to: endOfMonth };
  }
  if (endOfDay <= to && !unfolded.day.has(at)) return { level: "day", from: at, to: endOfDay };
  return { level: "quarter", from: at, to: Math.min(endOfDay, to) };
}

/** The beginning of the next month (UTC) when a month begins at `at`, else `null`. */
function monthAfter(at: number): number | null {
  const date = new Date(at);
  return date.getUTCDate() === 1 ? Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) : null;
}

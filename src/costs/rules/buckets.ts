import { addDays, type CalendarDay, dayAt, offsetAt, startOfDay, weekdayOf } from "../../core/zoned-time.ts";
import { QUARTER_MS, type TimeRange } from "./cover-range.ts";

export const INTERVALS = ["hour", "day", "week", "month"] as const;
export type Interval = (typeof INTERVALS)[number];

/** An hour, day, week or month of a zone, and the part of it that was asked for. */
export interface Bucket extends TimeRange {
  /** When the whole of it begins, epoch milliseconds: before `from` where the range begins within it. */
  start: number;
}

const HOUR_MS = 3_600_000;

/**
 * A range (ends on quarters of an hour) cut where a zone's clocks or calendar begin a new hour, day, week (Monday) or
 * month: without gaps or overlaps, in order. A day of a clock change is 23 or 25 hours long, an hour that clocks show
 * twice is two buckets, and an hour or day that they skip is none.
 */
export function bucketsOf(range: TimeRange, interval: Interval, zone: string): Bucket[] {
  const starts = interval === "hour" ? hourStarts(range, zone) : calendarStarts(range, interval, zone);
  return starts.flatMap((start, index) => {
    const from = Math.max(onQuarter(start), range.from);
    const to = Math.min(onQuarter(starts[index + 1] ?? range.to), range.to);
    return from < to ? [{ start, from, to }] : [];
  });
}

/** When the day, the week (Monday) or the month of a zone began that it is there now; epoch milliseconds. */
export function startOfPeriod(period: Exclude<Interval, "hour">, zone: string, now: number): number {
  return startOfDay(zone, firstDay(period, dayAt(zone, now)));
}

/** The beginnings of calendar periods from the one that holds the range's start. */
function calendarStarts({ from, to }: TimeRange, interval: Exclude<Interval, "hour">, zone: string): number[] {
  const starts: number[] = [];
  for (let day = firstDay(interval, dayAt(zone, from)); ; day = nextDay(interval, day)) {
    const start = startOfDay(zone, day);
    if (start >= to) return starts;
    starts.push(start);
  }
}

/** The first day of the day, week (from Monday) or month that a day is in. */
export function firstDay(interval: Exclude<Interval, "hour">, day: CalendarDay): CalendarDay {
  if (interval === "month") return { ...day, day: 1 };
  return interval === "week" ? addDays(day, -weekdayOf(day)) : day;
}

/** The first day of the one after it, of a first day. */
export function nextDay(interval: Exclude<Interval, "hour">, day: CalendarDay): CalendarDay {
  if (interval === "day") return addDays(day, 1);
  if (interval === "week") return addDays(day, 7);
  return day.month === 12 ? { year: day.year + 1, month: 1, day: 1 } : { ...day, month: day.month + 1 };
}

/** The beginnings of a zone's hours, day by day: only on a day whose offset changes is every quarter looked at. */
function hourStarts({ from, to }: TimeRange, zone: string): number[] {
  const starts: number[] = [];
  for (let day = dayAt(zone, from); ; day = addDays(day, 1)) {
    const [start, end] = [startOfDay(zone, day), startOfDay(zone, addDays(day, 1))];
    if (start >= to) break;
    if (offsetAt(zone, start) === offsetAt(zone, end)) {
      for (let at = start; at < end; at += HOUR_MS) starts.push(at);
    } else {
      starts.push(...hoursByClock(start, end, zone));
    }
  }
  // The first is the one that holds the range's start.
  return starts.filter((start, index) => (starts[index + 1] ?? to) > from && start < to);
}

/** Where clocks show a full hour, or change. */
function hoursByClock(start: number, end: number, zone: string): number[] {
  const starts: number[] = [];
  let before: number | null = null;
  for (let at = start; at < end; at += QUARTER_MS) {
    const offset = offsetAt(zone, at);
    if (at === start || offset !== before || (at + offset) % HOUR_MS === 0) starts.push(at);
    before = offset;
  }
  return starts;
}

/** Where clocks are not whole quarters from UTC, as before 1973 in places, a bucket begins with its first quarter. */
function onQuarter(instant: number): number {
  return Math.floor(instant / QUARTER_MS) * QUARTER_MS;
}

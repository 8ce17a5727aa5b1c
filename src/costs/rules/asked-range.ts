import { DomainError } from "../../core/errors.ts";
import { endOfRange, isDayOnly, startOfTime } from "../../core/time-range.ts";
import { addDays, type CalendarDay, dayAt, isTimeZone, startOfDay } from "../../core/zoned-time.ts";
import type { Interval } from "./buckets.ts";
import { DAY_MS, type TimeRange, toQuarters } from "./cover-range.ts";

/** What a caller may say about the time that analytics covers. */
export interface AskedRange {
  /** An ISO date, which begins with its first moment in the zone, or a time. */
  startDate?: string | undefined;
  /** An ISO date, which is included whole, or a time, which is not. */
  endDate?: string | undefined;
  timezone: string;
}

/** How many days are looked at when nobody says: today and those before it. */
const DEFAULT_DAYS = 30;
const EARLIEST = "1970-01-01";
const CLOCK_CHANGE_MS = 2 * 3_600_000;

/** The longest range of trends, in days. Each keeps an answer under ten thousand buckets. */
export const MOST_DAYS = { hour: 400, day: 1_200, week: 4_000, month: 40_000 } as const satisfies Record<
  Interval,
  number
>;

/**
 * The range that is meant, moved out to whole quarters of an hour. Without an end it goes to the end of today, without a
 * beginning over the 30 days up to its end. Throws `invalid_fields` for an unknown zone and for an end before the start.
 */
export function rangeOf({ startDate, endDate, timezone }: AskedRange, now: number): TimeRange {
  requireZone(timezone);
  requireDate("startDate", startDate);
  requireDate("endDate", endDate);
  const to = endDate === undefined ? startOfDay(timezone, addDays(dayAt(timezone, now), 1)) : endOf(endDate, timezone);
  const from = startDate === undefined ? defaultStart(to, timezone) : startOf(startDate, timezone);
  if (from >= to) {
    throw refusal(
      startDate === undefined ? "endDate" : "startDate",
      "startDate must lie before endDate: a date as endDate is included whole, and today when it is left out.",
    );
  }
  return toQuarters({ from, to });
}

/**
 * The range that is meant where days are those of UTC, open where a side is left out. Throws `invalid_fields` for an end
 * before the start.
 */
export function openRangeOf({ startDate, endDate }: Pick<AskedRange, "startDate" | "endDate">): TimeRange {
  const from = startDate === undefined ? 0 : startOfTime(startDate);
  const to = endDate === undefined ? Number.MAX_SAFE_INTEGER : endOfRange(endDate);
  if (to > from) return { from, to };
  throw new DomainError("invalid_fields", "The range ends before it starts. Swap startDate and endDate.", {
    details: [{ path: "endDate", message: `is before startDate, ${startDate}` }],
  });
}

/** Throws `invalid_fields` with the bound when a range is too long to be cut into buckets of this length. */
export function requireFewBuckets({ from, to }: TimeRange, interval: Interval): void {
  const days = MOST_DAYS[interval];
  // Clock changes make a range of whole local days longer, by two hours at most where winter and summer differ by them.
  if (to - from <= days * DAY_MS + CLOCK_CHANGE_MS) return;
  throw refusal(
    "startDate",
    `By ${interval} at most ${days} days can be asked for at once. Shorten the range, or take a longer interval.`,
  );
}

/** Throws `invalid_fields` unless the runtime knows the time zone. */
export function requireZone(timezone: string): void {
  if (isTimeZone(timezone)) return;
  throw refusal(
    "timezone",
    "There is no such time zone. Give an IANA name such as Europe/Berlin or UTC, or an offset such as +05:45.",
  );
}

function requireDate(path: string, given: string | undefined): void {
  if (given === undefined || Date.parse(given) >= Date.parse(EARLIEST)) return;
  throw refusal(path, `The earliest date is ${EARLIEST}.`);
}

function defaultStart(to: number, timezone: string): number {
  return startOfDay(timezone, addDays(dayAt(timezone, to - 1), 1 - DEFAULT_DAYS));
}

function startOf(iso: string, timezone: string): number {
  return isDayOnly(iso) ? startOfDay(timezone, dayOf(iso)) : Date.parse(iso);
}

function endOf(iso: string, timezone: string): number {
  return isDayOnly(iso) ? startOfDay(timezone, addDays(dayOf(iso), 1)) : Date.parse(iso);
}

function dayOf(iso: string): CalendarDay {
  const [year = 0, month = 0, day = 0] = iso.split("-").map(Number);
  return { year, month, day };
}

function refusal(path: string, message: string): DomainError {
  return new DomainError("invalid_fields", message, { details: [{ path, message }] });
}

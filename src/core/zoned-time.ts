/** A day of a calendar, wherever on earth. Months and days count from 1. */
export interface CalendarDay {
  year: number;
  month: number;
  day: number;
}

const DAY_MS = 86_400_000;
const SECOND_MS = 1_000;

/** Names are the caller's, and upper and lower case of one name are many: the cache must not grow without bound. */
const MOST_KEPT = 200;
const formatters = new Map<string, Intl.DateTimeFormat>();

/** Whether the runtime knows a time zone of this name: IANA's (`Europe/Berlin`), `UTC`, or an offset (`+05:45`). */
export function isTimeZone(zone: string): boolean {
  try {
    formatterOf(zone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** How far a zone's clocks are ahead of UTC at an instant, in milliseconds. Throws a RangeError for an unknown zone. */
export function offsetAt(zone: string, instant: number): number {
  const second = Math.floor(instant / SECOND_MS) * SECOND_MS;
  return wallClock(zone, second) - second;
}

/** The day that a zone's calendar shows at an instant (epoch ms). */
export function dayAt(zone: string, instant: number): CalendarDay {
  return calendarDay(instant + offsetAt(zone, instant));
}

/**
 * The first instant (epoch ms) of a day in a zone. Where clocks skip midnight it is the end of the gap; where they
 * show it twice, the first of both. A day that a zone left out begins, and ends, where the next one begins.
 */
export function startOfDay(zone: string, day: CalendarDay): number {
  const midnight = Date.UTC(day.year, day.month - 1, day.day);
  const before = offsetAt(zone, midnight - DAY_MS);
  const after = offsetAt(zone, midnight + DAY_MS);
  if (before === after) return midnight - before;
  const first = midnight - Math.max(before, after);
  if (offsetAt(zone, first) === midnight - first) return first;
  const second = midnight - Math.min(before, after);
  if (offsetAt(zone, second) === midnight - second) return second;
  return changeBetween(zone, first, second);
}

/** ISO 8601 as a zone's clocks show it, with their offset: `2026-03-29T03:00:00+02:00`. Seconds of the offset are left out. */
export function zonedIso(zone: string, instant: number): string {
  const offset = offsetAt(zone, instant);
  const shown = new Date(instant + offset).toISOString().slice(0, 19);
  const minutes = Math.floor(Math.abs(offset) / 60_000);
  const two = (count: number) => String(count).padStart(2, "0");
  return `${shown}${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** The day so many days later. */
export function addDays({ year, month, day }: CalendarDay, days: number): CalendarDay {
  return calendarDay(Date.UTC(year, month - 1, day + days));
}

/** Monday is 0, Sunday 6, as ISO 8601 begins its weeks. */
export function weekdayOf({ year, month, day }: CalendarDay): number {
  return (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
}

/** The first instant in (from, to], to the second, at which the zone has the offset that it has at `to`. */
export function changeBetween(zone: string, from: number, to: number): number {
  const target = offsetAt(zone, to);
  let [low, high] = [from, to];
  while (high - low > SECOND_MS) {
    const middle = low + Math.floor((high - low) / 2 / SECOND_MS) * SECOND_MS;
    if (offsetAt(zone, middle) === target) high = middle;
    else low = middle;
  }
  return high;
}

function calendarDay(wall: number): CalendarDay {
  const date = new Date(wall);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** What a zone's clocks show at an instant, as if it were UTC. */
function wallClock(zone: string, instant: number): number {
  const shown: Record<string, number> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(instant)) shown[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  if (formatters.size >= MOST_KEPT) formatters.clear();
  formatters.set(zone, made);
  return made;
}

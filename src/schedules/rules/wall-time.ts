import type { Cron, Dates, Weekdays } from "./pattern.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * How far a search for a run goes: a 29 February on a given weekday comes once in 28 years, and once in 40 where a
 * century has no leap year.
 */
export const HORIZON_YEARS = 41;

/**
 * The first minute at or after `from` that the expression names, on a clock that is never changed; `null` when there is
 * none within {@link HORIZON_YEARS}.
 *
 * @param from wall time: what the clock on the wall shows, written as if it were UTC, in epoch milliseconds
 */
export function nextWallTime(cron: Cron, from: number): number | null {
  const start = Math.ceil(from / MINUTE_MS) * MINUTE_MS;
  const date = new Date(start);
  let year = date.getUTCFullYear();
  let month = date.getUTCMonth() + 1;
  let day = date.getUTCDate();
  if (cron.months.includes(month) && matchesDay(cron, year, month, day)) {
    const minutes = timeAtOrAfter(cron, date.getUTCHours(), date.getUTCMinutes());
    if (minutes !== null) return Math.floor(start / DAY_MS) * DAY_MS + minutes * MINUTE_MS;
  }
  const [hour = 0] = cron.hours;
  const [minute = 0] = cron.minutes;
  day += 1;
  for (let searched = 0; searched <= HORIZON_YEARS * 12; searched += 1) {
    if (cron.months.includes(month)) {
      const length = daysIn(year, month);
      for (; day <= length; day += 1) {
        if (matchesDay(cron, year, month, day)) return Date.UTC(year, month - 1, day, hour, minute);
      }
    }
    day = 1;
    month = month === 12 ? 1 : month + 1;
    if (month === 1) year += 1;
  }
  return null;
}

/** Minutes after midnight of the first time of a day at or after this one. */
function timeAtOrAfter(cron: Cron, hour: number, minute: number): number | null {
  const [first = 0] = cron.minutes;
  for (const candidate of cron.hours) {
    if (candidate < hour) continue;
    const at = candidate > hour ? first : cron.minutes.find((other) => other >= minute);
    if (at !== undefined) return candidate * 60 + at;
  }
  return null;
}

function matchesDay(cron: Cron, year: number, month: number, day: number): boolean {
  const { dates, weekdays } = cron;
  if (dates === null && weekdays === null) return true;
  const length = daysIn(year, month);
  if (dates !== null && matchesDate(dates, year, month, day, length)) return true;
  return weekdays !== null && matchesWeekday(weekdays, weekdayOf(year, month, day), day, length);
}

function matchesDate(dates: Dates, year: number, month: number, day: number, length: number): boolean {
  if (dates.days.includes(day) || dates.beforeEnd.includes(length - day)) return true;
  if (dates.lastWeekday && day === nearestWeekday(year, month, length, length)) return true;
  return dates.nearest.some((near) => near <= length && day === nearestWeekday(year, month, near, length));
}

function matchesWeekday(weekdays: Weekdays, weekday: number, day: number, length: number): boolean {
  if (weekdays.days.includes(weekday)) return true;
  if (weekdays.last.includes(weekday) && day > length - 7) return true;
  return weekdays.nth.some((each) => each.day === weekday && each.nth === Math.ceil(day / 7));
}

/** The day from Monday to Friday nearest this one, in the same month: a Saturday the 1st gives Monday the 3rd. */
function nearestWeekday(year: number, month: number, day: number, length: number): number {
  const weekday = weekdayOf(year, month, day);
  if (weekday === 6) return day > 1 ? day - 1 : day + 2;
  if (weekday === 0) return day < length ? day + 1 : day - 2;
  return day;
}

function weekdayOf(year: number, month: number, day: number): number {
  // 1970 began on a Thursday.
  return (Date.UTC(year, month - 1, day) / DAY_MS + 4) % 7;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

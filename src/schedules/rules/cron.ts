import { ascending, type Bounds, invalidCron, parseField, parseNumber } from "./cron-field.ts";
import type { Cron, Dates, Weekdays } from "./pattern.ts";
import { nextWallTime } from "./wall-time.ts";

export type { Cron } from "./pattern.ts";

const MAX_LENGTH = 200;
const MINUTES: Bounds = { name: "minute", min: 0, max: 59, names: [] };
const HOURS: Bounds = { name: "hour", min: 0, max: 23, names: [] };
const DATES: Bounds = { name: "day of the month", min: 1, max: 31, names: [] };
const BEFORE_END: Bounds = { name: "count of days before the last (L-3)", min: 1, max: 30, names: [] };
const MONTH_NAMES = ["", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const MONTHS: Bounds = { name: "month", min: 1, max: 12, names: MONTH_NAMES };
const WEEKDAY_NAMES = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const WEEKDAYS: Bounds = { name: "day of the week", min: 0, max: 7, names: WEEKDAY_NAMES };
const NTH: Bounds = { name: "count after # (FRI#2 is the second Friday, 5L the last)", min: 1, max: 5, names: [] };

const ALIASES: ReadonlyMap<string, string> = new Map([
  ["@HOURLY", "0 * * * *"],
  ["@DAILY", "0 0 * * *"],
  ["@MIDNIGHT", "0 0 * * *"],
  ["@WEEKLY", "0 0 * * 0"],
  ["@MONTHLY", "0 0 1 * *"],
  ["@YEARLY", "0 0 1 1 *"],
  ["@ANNUALLY", "0 0 1 1 *"],
]);

/**
 * Reads a cron expression: minute, hour, day of month, month, day of week (0 and 7 are Sunday), with names, ranges,
 * steps and lists; `L`, `L-3`, `LW` and `15W` among the days of the month; `5L` (last Friday) and `5#2` (second
 * Friday) among the days of the week; and the aliases of Debian's crontab(5) but `@reboot`.
 *
 * When both day fields are restricted, a day needs to match only one of them, as crontab(5) has it. Restricted is
 * everything but a bare `*` or `?`: a star with a step is too (which cron itself takes for unrestricted).
 *
 * Throws `schedule_invalid`, telling the fault and a way to write it: also for seconds (six fields) and for what no
 * date can ever match, such as `30 2 30 2 *`.
 */
export function parseCron(expression: string): Cron {
  const fields = fieldsOf(expression);
  const [minute, hour, date, month, weekday] = fields;
  const cron: Cron = {
    expression: fields.join(" "),
    minutes: parseField(minute, MINUTES),
    hours: parseField(hour, HOURS),
    dates: isOpen(date) ? null : parseDates(date),
    months: parseField(month, MONTHS),
    weekdays: isOpen(weekday) ? null : parseWeekdays(weekday),
    everyMinutes: repeats(minute),
    everyHours: repeats(hour),
  };
  // From here on no century without a leap year lies within reach, so what finds no run will find none ever.
  if (nextWallTime(cron, Date.UTC(2000, 0, 1)) !== null) return cron;
  throw invalidCron(
    `"${expression.trim()}" never fires: no month that it names has the day that it names.`,
    'Name a day that exists; "0 9 L 2 *" is the last day of February.',
  );
}

type Fields = [minute: string, hour: string, date: string, month: string, weekday: string];

function fieldsOf(expression: string): Fields {
  const usual =
    'Write five fields: minute, hour, day of month, month, day of week. "0 9 * * 1-5" is 09:00 on weekdays.';
  // Bounded before anything reads it, so that no list of a megabyte is ever split.
  if (expression.length > MAX_LENGTH) {
    throw invalidCron(`The cron expression is longer than ${MAX_LENGTH} characters.`, usual);
  }
  const written = expression.trim().toUpperCase();
  const alias = ALIASES.get(written);
  if (written.startsWith("@") && alias === undefined) {
    const known = [...ALIASES.keys()].join(", ").toLowerCase();
    throw invalidCron(`"${expression.trim()}" is no alias of a schedule.`, `There are ${known}.`);
  }
  const fields = (alias ?? written).split(/\s+/).filter((field) => field !== "");
  const [minute, hour, date, month, weekday, ...more] = fields;
  if (more.length === 1) {
    throw invalidCron(
      "The cron expression has six fields. Seconds are not supported: a schedule runs once a minute at most.",
      `Leave the seconds out: "${fields.slice(1).join(" ")}".`,
    );
  }
  if (!minute || !hour || !date || !month || !weekday || more.length > 0) {
    throw invalidCron(`The cron expression has ${fields.length} fields instead of five.`, usual);
  }
  return [minute, hour, date, month, weekday];
}

function isOpen(field: string): boolean {
  return field === "*" || field === "?";
}

function repeats(field: string): boolean {
  return field.startsWith("*") || /^\d+\//.test(field);
}

function parseDates(field: string): Dates {
  const plain: string[] = [];
  const beforeEnd: number[] = [];
  const nearest: number[] = [];
  let lastWeekday = false;
  for (const item of field.split(",")) {
    const [, back] = /^L-(.*)$/.exec(item) ?? [];
    const [, near] = /^([^-/]+)W$/.exec(item) ?? [];
    if (item === "L") beforeEnd.push(0);
    else if (item === "LW") lastWeekday = true;
    else if (back !== undefined) beforeEnd.push(parseNumber(back, BEFORE_END));
    else if (near !== undefined) nearest.push(parseNumber(near, DATES));
    else plain.push(item);
  }
  const days = plain.length > 0 ? parseField(plain.join(","), DATES) : [];
  return { days, beforeEnd: ascending(beforeEnd), nearest: ascending(nearest), lastWeekday };
}

function parseWeekdays(field: string): Weekdays {
  const plain: string[] = [];
  const nth: { day: number; nth: number }[] = [];
  const last: number[] = [];
  for (const item of field.split(",")) {
    const [, ofLast] = /^(.+)L$/.exec(item) ?? [];
    const [, ofNth, count] = /^(.+)#(.*)$/.exec(item) ?? [];
    if (ofNth !== undefined && count !== undefined) {
      nth.push({ day: parseNumber(ofNth, WEEKDAYS) % 7, nth: parseNumber(count, NTH) });
    } else if (ofLast !== undefined) last.push(parseNumber(ofLast, WEEKDAYS) % 7);
    else plain.push(item);
  }
  const days = plain.length > 0 ? parseField(plain.join(","), WEEKDAYS).map((day) => day % 7) : [];
  return { days: ascending(days), nth, last: ascending(last) };
}

/** The everyday ways to say when, as the builder shows them. Whatever is more special is written as text. */
export type CronForm =
  | { every: "minute"; step: number }
  | { every: "hour"; step: number; minute: number }
  | { every: "day"; hour: number; minute: number }
  /** Days as cron counts them: Sunday is 0. In the order of a week that begins on Monday, and never empty. */
  | { every: "week"; days: readonly number[]; hour: number; minute: number }
  | { every: "month"; day: number | "last"; hour: number; minute: number };
export type Every = CronForm["every"];

/** Steps that divide an hour or a day evenly: with any other the distance is another one at each full hour or midnight. */
export const MINUTE_STEPS = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30] as const;
export const HOUR_STEPS = [1, 2, 3, 4, 6, 8, 12] as const;

/** Monday first. */
export const WEEKDAYS = [
  { day: 1, name: "Monday" },
  { day: 2, name: "Tuesday" },
  { day: 3, name: "Wednesday" },
  { day: 4, name: "Thursday" },
  { day: 5, name: "Friday" },
  { day: 6, name: "Saturday" },
  { day: 0, name: "Sunday" },
] as const;

const ALIASES: ReadonlyMap<string, string> = new Map([
  ["@HOURLY", "0 * * * *"],
  ["@DAILY", "0 0 * * *"],
  ["@MIDNIGHT", "0 0 * * *"],
  ["@WEEKLY", "0 0 * * 0"],
  ["@MONTHLY", "0 0 1 * *"],
]);
const NAMES = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** The cron expression that a form stands for. */
export function cronOf(form: CronForm): string {
  switch (form.every) {
    case "minute":
      return `${stepped(form.step)} * * * *`;
    case "hour":
      return `${form.minute} ${stepped(form.step)} * * *`;
    case "day":
      return `${form.minute} ${form.hour} * * *`;
    case "week":
      return `${form.minute} ${form.hour} * * ${writtenDays(form.days)}`;
    case "month":
      return `${form.minute} ${form.hour} ${form.day === "last" ? "L" : form.day} * *`;
  }
}

/** The form that says the same as a cron expression; null for one that no form can say, or that is none. */
export function formOf(expression: string): CronForm | null {
  const written = expression.trim().toUpperCase();
  const [minutes = "", hours = "", date = "", month = "", weekday = "", ...more] = (
    ALIASES.get(written) ?? written
  ).split(/\s+/);
  if (more.length > 0 || month !== "*") return null;
  const anyDate = date === "*" || date === "?";
  const anyWeekday = weekday === "*" || weekday === "?";
  const minute = numberWithin(minutes, 59);
  if (minute === null) {
    const step = stepOf(minutes, MINUTE_STEPS);
    return step !== null && hours === "*" && anyDate && anyWeekday ? { every: "minute", step } : null;
  }
  const hour = numberWithin(hours, 23);
  if (hour === null) {
    const step = stepOf(hours, HOUR_STEPS);
    return step !== null && anyDate && anyWeekday ? { every: "hour", step, minute } : null;
  }
  if (anyDate && anyWeekday) return { every: "day", hour, minute };
  if (anyDate) {
    const days = readDays(weekday);
    return days === null ? null : { every: "week", days, hour, minute };
  }
  const day = date === "L" ? ("last" as const) : numberWithin(date, 31);
  return anyWeekday && day !== null && day !== 0 ? { every: "month", day, hour, minute } : null;
}

/** The form of another rhythm, which keeps the time of day and the minute that were chosen. */
export function turnedTo(every: Every, from: CronForm | null): CronForm {
  const minute = from && "minute" in from ? from.minute : 0;
  const hour = from && "hour" in from ? from.hour : 9;
  switch (every) {
    case "minute":
      return { every, step: 15 };
    case "hour":
      return { every, step: 1, minute };
    case "day":
      return { every, hour, minute };
    case "week":
      return { every, days: [1], hour, minute };
    case "month":
      return { every, day: 1, hour, minute };
  }
}

/** Days in the order of a week that begins on Monday. */
export function inWeekOrder(days: readonly number[]): number[] {
  return WEEKDAYS.filter(({ day }) => days.includes(day)).map(({ day }) => day);
}

function stepped(step: number): string {
  return step === 1 ? "*" : `*/${step}`;
}

function stepOf(field: string, allowed: readonly number[]): number | null {
  if (field === "*") return 1;
  const [, digits] = /^\*\/(\d{1,2})$/.exec(field) ?? [];
  return digits !== undefined && allowed.includes(Number(digits)) ? Number(digits) : null;
}

function numberWithin(field: string, most: number): number | null {
  return /^\d{1,2}$/.test(field) && Number(field) <= most ? Number(field) : null;
}

/** Three days in a row and more as a range, which people read at a glance. */
function writtenDays(days: readonly number[]): string {
  const places = WEEKDAYS.map(({ day }, place) => (days.includes(day) ? place : -1)).filter((place) => place >= 0);
  const first = places[0] ?? 0;
  const inRow = places.every((place, index) => place === first + index);
  const last = WEEKDAYS[places.at(-1) ?? 0]?.day ?? 0;
  // Sunday ends the week as 7, since a range that ends with 0 would end before it begins.
  if (inRow && places.length > 2) return `${WEEKDAYS[first]?.day}-${last === 0 ? 7 : last}`;
  return inWeekOrder(days).join(",");
}

function readDays(field: string): number[] | null {
  const days = new Set<number>();
  for (const item of field.split(",")) {
    const [low = "", high, ...more] = item.split("-");
    const from = dayNumber(low);
    const to = high === undefined ? from : dayNumber(high);
    if (from === null || to === null || more.length > 0) return null;
    // FRI-SUN is what people write for a weekend, though SUN is 0.
    const end = to === 0 && from > 0 ? 7 : to;
    if (end < from) return null;
    for (let day = from; day <= end; day += 1) days.add(day % 7);
  }
  return inWeekOrder([...days]);
}

function dayNumber(text: string): number | null {
  const named = NAMES.indexOf(text);
  return named >= 0 ? named : numberWithin(text, 7);
}

import cronstrue from "cronstrue";
import type { Cron, Dates, Weekdays } from "./pattern.ts";

const MONTHS = "January February March April May June July August September October November December".split(" ");
const WEEKDAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const NTH = ["first", "second", "third", "fourth", "fifth"];

/**
 * An expression in words, with 24-hour times: "At 09:00, on Monday to Friday (Europe/London)". Without a time zone
 * none is named.
 *
 * cronstrue tells the time of day. The days are in words of our own: its "on day 15, and on Monday" hides that either is
 * enough, and it knows no list with a `W` in it.
 */
export function describe(cron: Cron, timezone: string | null): string {
  const [minute = "*", hour = "*"] = cron.expression.split(" ");
  const time = cronstrue.toString(`${minute} ${hour} * * *`, { use24HourTimeFormat: true });
  const days = [cron.dates && datesInWords(cron.dates), cron.weekdays && weekdaysInWords(cron.weekdays)];
  const parts = [time, days.filter((part) => part !== null).join(" or ")];
  if (cron.months.length < 12) parts.push(`in ${listed(cron.months, (month) => MONTHS[month - 1] ?? "")}`);
  const words = parts.filter((part) => part !== "").join(", ");
  return timezone === null ? words : `${words} (${timezone})`;
}

function datesInWords(dates: Dates): string {
  const parts: string[] = [];
  const step = stepOf(dates.days);
  if (step > 1) parts.push(`every ${ordinal(step)} day from ${dates.days[0]} to ${dates.days.at(-1)}`);
  else if (dates.days.length > 0) parts.push(`day ${listed(dates.days, String)}`);
  for (const day of dates.nearest) parts.push(`the weekday nearest day ${day}`);
  for (const day of dates.beforeEnd) {
    parts.push(
      day === 0 ? "the last day" : day === 1 ? "the day before the last" : `the day ${day} days before the last`,
    );
  }
  if (dates.lastWeekday) parts.push("the last weekday (Monday to Friday)");
  return `on ${joined(parts)} of the month`;
}

function weekdaysInWords(weekdays: Weekdays): string {
  const name = (day: number) => WEEKDAYS[day] ?? "";
  const parts: string[] = [];
  // A week begins on Monday here, so that Saturday and Sunday stand together.
  const ordered = weekdays.days.map((day) => (day === 0 ? 7 : day)).toSorted((a, b) => a - b);
  if (ordered.length > 0) parts.push(listed(ordered, (day) => name(day % 7)));
  for (const { day, nth } of weekdays.nth) parts.push(`the ${NTH[nth - 1] ?? nth} ${name(day)} of the month`);
  for (const day of weekdays.last) parts.push(`the last ${name(day)} of the month`);
  return `on ${joined(parts)}`;
}

/** The distance of numbers that follow each other evenly; 0 when they do not, or are few enough to be named. */
function stepOf(numbers: readonly number[]): number {
  const step = (numbers[1] ?? 0) - (numbers[0] ?? 0);
  const even = numbers.every((number, index) => number === (numbers[0] ?? 0) + index * step);
  return even && numbers.length > 3 ? step : 0;
}

function ordinal(number: number): string {
  return `${number}${number === 2 ? "nd" : number === 3 ? "rd" : "th"}`;
}

/** Numbers in words, three and more in a row as a range. */
function listed(numbers: readonly number[], word: (number: number) => string): string {
  const parts: string[] = [];
  for (let index = 0; index < numbers.length; index += 1) {
    let end = index;
    while (numbers[end + 1] === (numbers[end] ?? 0) + 1) end += 1;
    const [first = 0, last = 0] = [numbers[index], numbers[end]];
    if (end - index < 2) {
      parts.push(word(first));
      continue;
    }
    parts.push(`${word(first)} to ${word(last)}`);
    index = end;
  }
  return joined(parts);
}

function joined(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join("");
  return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

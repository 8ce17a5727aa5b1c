import type { Generated, LocalTime } from "./expression-arb.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A minute of real time, and what the clocks of a zone show then. */
interface Minute {
  at: number;
  local: LocalTime;
  /** The clocks have shown this before. */
  second: boolean;
  /** What the clocks left out between the minute before and this one. */
  leftOut: LocalTime[];
}

/** Some days of one zone, minute by minute. */
export interface Window {
  timezone: string;
  minutes: Minute[];
  /** Nothing before is asked for: the first day is there to know what is shown for the second time. */
  start: number;
  end: number;
}

/** Days from the UTC midnight of `first` on, with what Intl says that the clocks show in every minute of them. */
export function windowOf(timezone: string, first: string, days: number): Window {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  const begin = Date.parse(`${first}T00:00:00Z`);
  const minutes: Minute[] = [];
  const shown = new Set<number>();
  for (let at = begin; at < begin + days * DAY_MS; at += MINUTE_MS) {
    const local = localTime(format, at);
    const wall = wallOf(local);
    const before = minutes.at(-1);
    const leftOut: LocalTime[] = [];
    for (let lost = before ? wallOf(before.local) + MINUTE_MS : wall; lost < wall; lost += MINUTE_MS) {
      leftOut.push(fromWall(lost));
    }
    minutes.push({ at, local, second: shown.has(wall), leftOut });
    shown.add(wall);
  }
  return { timezone, minutes, start: begin + DAY_MS, end: begin + days * DAY_MS };
}

/** All runs after `after` in a window, found by asking of every minute whether it is one. */
export function walk(
  expression: Generated,
  dst: { gap: string; overlap: string },
  window: Window,
  after: number,
): number[] {
  const moves = dst.gap === "shift" && !expression.wildcard;
  const runs: number[] = [];
  for (const { at, local, second, leftOut } of window.minutes) {
    if (at <= after) continue;
    const moved = moves && leftOut.length > 0 && leftOut.some((lost) => expression.matches(lost));
    if (moved || (!(second && dst.overlap === "first") && expression.matches(local))) runs.push(at);
  }
  return runs;
}

function localTime(format: Intl.DateTimeFormat, at: number): LocalTime {
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? Number.NaN;
  return { year: part("year"), month: part("month"), day: part("day"), hour: part("hour"), minute: part("minute") };
}

function wallOf({ year, month, day, hour, minute }: LocalTime): number {
  return Date.UTC(year, month - 1, day, hour, minute);
}

function fromWall(wall: number): LocalTime {
  const date = new Date(wall);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
  };
}

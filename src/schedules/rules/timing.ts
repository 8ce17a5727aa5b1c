import { parseCron } from "./cron.ts";
import { invalidCron } from "./cron-field.ts";
import { type Dst, defaultDst, missedRuns, nextRun, type Where } from "./next-run.ts";
import type { Cron } from "./pattern.ts";

/** When a schedule fires. Times are epoch milliseconds. */
export interface Timing {
  cronExpression: string;
  timezone: string;
  /** What is left out follows the expression. */
  dst: { gap: Dst["gap"] | null; overlap: Dst["overlap"] | null };
  startAt: number | null;
  endAt: number | null;
}

const MAX_REMEMBERED = 1_000;
const remembered = new Map<string, Cron>();

/** {@link parseCron}, remembered: thousands of schedules share a few expressions. Throws `schedule_invalid`. */
export function cronOf(expression: string): Cron {
  const known = remembered.get(expression);
  if (known) return known;
  const cron = parseCron(expression);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(expression, cron);
  return cron;
}

export function whereOf({ timezone, dst }: Pick<Timing, "timezone" | "dst">, cron: Cron): Where {
  const suited = defaultDst(cron);
  return { timezone, dst: { gap: dst.gap ?? suited.gap, overlap: dst.overlap ?? suited.overlap } };
}

/**
 * The first run strictly after `after`, not before `startAt` and not behind `endAt`; `null` when none is left.
 * Throws `schedule_invalid`.
 */
export function nextRunOf(timing: Timing, after: number): number | null {
  const cron = cronOf(timing.cronExpression);
  const at = nextRun(cron, whereOf(timing, cron), Math.max(after, (timing.startAt ?? 0) - 1));
  return at === null || (timing.endAt !== null && at > timing.endAt) ? null : at;
}

/**
 * Refuses a schedule that never fires, whatever its bounds: its only times lie where the clocks leave them out, and
 * `gap` is `skip`. What no date can match at all is refused by {@link parseCron}. Throws `schedule_invalid`.
 */
export function assertFires({ cronExpression, timezone, dst }: Omit<Timing, "startAt" | "endAt">, now: number): void {
  if (nextRunOf({ cronExpression, timezone, dst, startAt: null, endAt: null }, now) !== null) return;
  throw invalidCron(
    `"${cronExpression}" never fires in ${timezone}: the clocks leave out every time that it names, and dst.gap is skip.`,
    "Set dst.gap to shift, or name another time.",
  );
}

const FIRST_WINDOW_MS = 2 * 3_600_000;

/**
 * The latest runs from `first`, which is one of them, up to `until`: `max` at most, oldest first. They are looked for
 * in windows that reach back further and further, since a schedule that nobody dispatched for a year has half a
 * million of them.
 */
export function latestRuns(timing: Timing, first: number, until: number, max: number): number[] {
  const cron = cronOf(timing.cronExpression);
  const where = whereOf(timing, cron);
  for (let window = FIRST_WINDOW_MS; ; window *= 4) {
    const from = Math.max(first - 1, until - window);
    const found = missedRuns(cron, where, from, until, Number.MAX_SAFE_INTEGER);
    if (found.length >= max || from === first - 1) return found.slice(-max);
  }
}

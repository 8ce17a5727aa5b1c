import type { Cron } from "./pattern.ts";
import { noteOf } from "./run-note.ts";
import { type ClockChange, zoneOf } from "./timezone.ts";
import { HORIZON_YEARS, nextWallTime } from "./wall-time.ts";

/** What becomes of runs when the clocks are changed. */
export interface Dst {
  /**
   * Of times that the clocks leave out in spring. `shift`: what was to run at such a time runs once, at the moment of
   * the change. What repeats (see {@link repeats}) goes by the clock and is not moved. `skip`: it does not run.
   */
  gap: "shift" | "skip";
  /** Of times that come twice in autumn: run at the `first` only, or at `both`. */
  overlap: "first" | "both";
}

/** On which clock an expression is read, and what becomes of it when that clock is changed. */
export interface Where {
  /** A name that `assertTimezone` has let through. */
  timezone: string;
  dst: Dst;
}

/** A run to come. */
export interface PlannedRun {
  /** Epoch milliseconds. */
  at: number;
  /** What a change of the clocks does to it, or to a run before it that does not happen. */
  note: string | null;
}

/** A run, and what the clocks swallowed at it or since the run before. */
export interface FoundRun {
  at: number;
  swallowed: { change: ClockChange; wall: number; moved: boolean } | null;
}

/** Further than any change of clocks moves them: a day in Samoa, 2011. */
const LONGEST_CHANGE_MS = 36 * 3_600_000;
const HORIZON_MS = HORIZON_YEARS * 366 * 86_400_000;
/** Years of five digits are no ISO time as the API writes them. */
const END_OF_TIME = Date.UTC(9999, 11, 31);

/**
 * Whether an expression is what Debian's cron(8) calls a wildcard job: its minutes or its hours begin with a star. Such
 * a job runs by the clock when that is changed: nothing is made up for, and what comes twice runs twice.
 */
export function repeats(cron: Cron): boolean {
  return cron.everyMinutes || cron.everyHours;
}

/** The policy of Debian's cron(8): a fixed time that the clocks leave out is made up for at once, one that comes twice runs once. */
export function defaultDst(cron: Cron): Dst {
  return { gap: "shift", overlap: repeats(cron) ? "both" : "first" };
}

/**
 * The first run strictly after `after` (both in epoch milliseconds); `null` when there is none in 41 years, which `skip`
 * can bring about for a time that only ever falls in the gap. A schedule must not be enabled then.
 */
export function nextRun(cron: Cron, where: Where, after: number): number | null {
  for (const { at } of runsAfter(cron, where, after)) return at;
  return null;
}

/** The next `count` runs strictly after `after`, with notes on those that fall on a change of the clocks. */
export function nextRuns(cron: Cron, where: Where, after: number, count: number): PlannedRun[] {
  const runs: PlannedRun[] = [];
  for (const run of runsAfter(cron, where, after)) {
    if (runs.length >= count) break;
    runs.push({ at: run.at, note: noteOf(run, where) });
  }
  return runs;
}

/** The runs after `from` up to and including `until`, oldest first and `max` at most. One more tells whether there are more. */
export function missedRuns(cron: Cron, where: Where, from: number, until: number, max: number): number[] {
  const missed: number[] = [];
  for (const { at } of runsAfter(cron, where, from)) {
    if (at > until || missed.length >= max) break;
    missed.push(at);
  }
  return missed;
}

/**
 * Walks through time in stretches within which the clocks are not changed, so that wall time and instant differ by the
 * same all along, and settles at each change what falls between.
 */
function* runsAfter(cron: Cron, { timezone, dst }: Where, after: number): Generator<FoundRun, undefined> {
  const zone = zoneOf(timezone);
  let from = Math.max(Math.floor(after) + 1, 0);
  let horizon = horizonFrom(from);
  let swallowed: FoundRun["swallowed"] = null;
  while (from <= horizon) {
    const change = zone.changeBefore(from);
    if (change?.at === from && change.after > change.before) {
      const wall = nextWallTime(cron, from + change.before);
      if (wall !== null && wall < from + change.after) {
        const moved = dst.gap === "shift" && !repeats(cron);
        swallowed = { change, wall, moved };
        if (moved) {
          yield { at: from, swallowed };
          // The moment of the change may be a run of its own as well: it is one run all the same.
          swallowed = null;
          from += 1;
          horizon = horizonFrom(from);
          continue;
        }
      }
    }
    const { offset, until } = zone.offsetAt(from);
    const wall = nextWallTime(cron, from + offset);
    if (wall === null) return;
    const at = wall - offset;
    if (at >= until) {
      // What ran already comes again when the clocks go back soon; else only changes shortly before `at` matter.
      from = zone.changeAfter(from) === null ? Math.max(until, at - LONGEST_CHANGE_MS) : until;
      continue;
    }
    const back = zone.changeBefore(at);
    if (dst.overlap === "first" && back !== null && at < endOfRepeat(back)) {
      from = endOfRepeat(back);
      continue;
    }
    if (at > horizon) return;
    yield { at, swallowed };
    swallowed = null;
    from = at + 1;
    horizon = horizonFrom(from);
  }
}

/** Counted anew from each run: a rare one must not lack its successor because of how the walk to it began. */
function horizonFrom(from: number): number {
  return Math.min(from + HORIZON_MS, END_OF_TIME);
}

/** When the times that come twice are over: the moment of the change itself if the clocks went forward. */
function endOfRepeat(change: ClockChange): number {
  return change.at + Math.max(0, change.before - change.after);
}

import { isoTime } from "../../core/clock.ts";
import { jittered } from "./jitter.ts";
import { latestRuns, nextRunOf, type Timing } from "./timing.ts";

/** A schedule that has come due. */
export interface DueSchedule extends Timing {
  id: string;
  /** Not after now. */
  nextRunAt: number;
  overlap: "skip" | "allow" | "queue";
  catchUp: "skip" | "once" | "all";
  jitterSeconds: number;
}

/** What a run does while another one of its schedule is open: see the column of this name. */
export const WAITS = { never: 0, alone: 1, always: 2 } as const;

/** A time of the schedule as it goes into the history. */
export interface NewRun {
  scheduledFor: number;
  status: "pending" | "missed";
  note: string | null;
  /** When to start it; `null` when it is not. */
  dueAt: number | null;
  waits: (typeof WAITS)[keyof typeof WAITS];
}

export interface DuePlan {
  runs: NewRun[];
  /** `null` when no run is left: the schedule has ended. */
  nextRunAt: number | null;
}

/** How late a run may be dispatched and still count as on time. A tick a minute may be lost, or come late. */
export const ON_TIME_MS = 5 * 60_000;
/** How many missed runs `all` makes up for. */
export const MAX_CAUGHT_UP = 100;

/**
 * What to do about a schedule that has come due: the latest of its times that have passed is run if that is not long
 * ago, those before it were missed and are treated as `catchUp` says. Which runs there are follows from the scheduled
 * times alone, whenever the dispatcher wakes. Throws `schedule_invalid` for an expression that is not understood any more.
 *
 * @param now epoch milliseconds, not before `nextRunAt`
 */
export function planDue(schedule: DueSchedule, now: number): DuePlan {
  const until = Math.min(now, schedule.endAt ?? now);
  const passed = latestRuns(schedule, schedule.nextRunAt, until, MAX_CAUGHT_UP + 2);
  // An edit of the zone's rules may leave no run at the stored time: what was promised for it is kept.
  if (passed.length === 0) passed.push(schedule.nextRunAt);
  const latest = passed.at(-1) ?? schedule.nextRunAt;
  const onTime = now - latest <= ON_TIME_MS;
  const missed = onTime ? passed.slice(0, -1) : passed;
  return {
    runs: [...caughtUp(schedule, missed, onTime, now), ...(onTime ? [runOnTime(schedule, latest, missed)] : [])],
    nextRunAt: nextRunOf(schedule, latest),
  };
}

function runOnTime(schedule: DueSchedule, at: number, missed: readonly number[]): NewRun {
  const made = missed.length > 0 && schedule.catchUp === "once" ? madeUp(schedule, missed.length) : null;
  // Behind missed runs that are made up for it takes its turn, or the first of them would have it skipped.
  const behind = missed.length > 0 && schedule.catchUp === "all";
  const waits = behind ? WAITS.always : schedule.overlap === "queue" ? WAITS.alone : WAITS.never;
  const dueAt = jittered(at, schedule.id, schedule.jitterSeconds);
  return { scheduledFor: at, status: "pending", note: made, dueAt, waits };
}

function caughtUp(schedule: DueSchedule, missed: readonly number[], onTime: boolean, now: number): NewRun[] {
  const [first] = missed;
  const last = missed.at(-1);
  if (first === undefined || last === undefined) return [];
  switch (schedule.catchUp) {
    case "skip":
      return [leftOut(schedule.nextRunAt, missed.length, last, "catchUp is skip")];
    case "once": {
      if (onTime) return [];
      const waits = schedule.overlap === "queue" ? WAITS.alone : WAITS.never;
      return [{ scheduledFor: last, status: "pending", note: madeUp(schedule, missed.length), dueAt: now, waits }];
    }
    case "all": {
      const made = missed.slice(-MAX_CAUGHT_UP);
      const [oldest = last] = made;
      const runs = made.map((at): NewRun => {
        return {
          scheduledFor: at,
          status: "pending",
          note: "Missed, and made up for.",
          dueAt: at,
          waits: WAITS.always,
        };
      });
      if (made.length === missed.length) return runs;
      const note = `Missed, with all others before ${isoTime(oldest)}: at most ${MAX_CAUGHT_UP} are made up for.`;
      return [{ scheduledFor: schedule.nextRunAt, status: "missed", note, dueAt: null, waits: WAITS.never }, ...runs];
    }
  }
}

function leftOut(at: number, count: number, last: number, why: string): NewRun {
  const others = count === 1 ? "" : `, with ${counted(count - 1)} more up to ${isoTime(last)}`;
  return {
    scheduledFor: at,
    status: "missed",
    note: `Missed${others}: nothing was dispatched at this time, and ${why}.`,
    dueAt: null,
    waits: WAITS.never,
  };
}

function madeUp(schedule: DueSchedule, count: number): string {
  return `Makes up for ${counted(count)} missed since ${isoTime(schedule.nextRunAt)}.`;
}

/** Only so many are counted. */
function counted(count: number): string {
  return count > MAX_CAUGHT_UP ? `more than ${MAX_CAUGHT_UP}` : String(count);
}

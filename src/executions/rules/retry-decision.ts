import { retryDelayMs } from "./backoff.ts";

/** What is known when a run of an agent's targets has failed. All times in epoch milliseconds. */
export interface FailedRun {
  /** How often the step was run again already after calls that failed, and how often it may be. */
  retries: number;
  maxRetries: number;
  /** Whether anybody was called. */
  called: boolean;
  /** Whether all who were called only limited the rate. */
  limited: boolean;
  /** How often the step was put back already without using up a retry. */
  waits: number;
  /** When the first target whose failure may pass may be asked again; `null` when none may pass. */
  retryAt: number | null;
  /** When the first target may be asked that was only passed over; `null` when there was none. */
  untriedAt: number | null;
  now: number;
  /** By then it must be claimed again: no call could be made later. */
  deadlineAt: number;
  /** Between 0 and 1. */
  random: number;
}

const MAX_SPREAD_MS = 10_000;
/** Steps that wait in vain come back half as often each time, down to this: each run is a delivery and seven statements. */
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 40_000;

/**
 * When a step is run again whose run has failed, and whether that uses up one of its retries; `null` when it is not. A
 * run that nobody was called in has tried nothing, and uses none up; nor does one that only met rate limits, since those
 * who share a limit run into it by turns. Such runs come ever less often. When the retries are used up, a target that
 * was only passed over is still waited for, once.
 */
export function whenAgain(run: FailedRun): { availableAt: number; usesRetry: boolean } | null {
  const { retries, maxRetries, called, retryAt, untriedAt, now, deadlineAt, random } = run;
  const earliest = Math.min(retryAt ?? Number.POSITIVE_INFINITY, untriedAt ?? Number.POSITIVE_INFINITY);
  const candidates: number[] = [];
  if (called && retryAt !== null && retries < maxRetries) {
    candidates.push(Math.max(now + retryDelayMs(retries, random), spread(earliest, run)));
  }
  if (untriedAt !== null && (!called || retries <= maxRetries)) candidates.push(spread(untriedAt, run));
  const availableAt = candidates.find((at) => at < deadlineAt);
  if (availableAt === undefined) return null;
  const usesRetry = called && !(run.limited && retries < maxRetries);
  return { availableAt: usesRetry ? availableAt : lessOften(availableAt, run), usesRetry };
}

/** No sooner than the wait that has grown by now, by chance; where that does not fit, about half of what is left. */
function lessOften(at: number, { now, waits, deadlineAt, random }: FailedRun): number {
  if (waits === 0) return at;
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** waits) * (0.5 + random);
  const leftMs = deadlineAt - now;
  return Math.max(at, Math.ceil(now + (wait < leftMs ? wait : leftMs * (0.25 + random / 2))));
}

/** A little later, by chance: whoever waits for the same moment must not come in the same one. */
function spread(at: number, { now, random }: FailedRun): number {
  return Math.ceil(at + random * Math.min(MAX_SPREAD_MS, Math.max(0, at - now) / 5));
}

/** A run that has ended. */
export interface EndedRun {
  status: "succeeded" | "failed" | "cancelled";
  attempt: number;
  /** Whether an execution was started at all: what could not be started will not start in a minute either. */
  started: boolean;
  /** Epoch milliseconds. */
  endedAt: number;
  schedule: {
    enabled: boolean;
    /** Disabled because no run was left to wait for, and by nobody. */
    ended: boolean;
    maxRetries: number;
    retryDelaySeconds: number;
    /** Before this run. */
    failures: number;
    /** 0: never. */
    pauseAfterFailures: number;
  };
}

export type Settlement =
  | { kind: "retry"; dueAt: number }
  /** `failures` in a row from here on; `pause` when these are too many. */
  | { kind: "done"; failures: number; pause: boolean };

const MAX_DELAY_MS = 24 * 3_600_000;

/** How long behind the end of an attempt the next one is due, in milliseconds: twice as long each time, a day at most. */
export function retryDelayMs(attempt: number, retryDelaySeconds: number): number {
  return Math.min(MAX_DELAY_MS, retryDelaySeconds * 1_000 * 2 ** (attempt - 1));
}

/**
 * What follows from the end of a run: another attempt while there are any left, each after twice the time of the last
 * (a day at most), else the count of failures in a row. A cancelled run says nothing about the workflow and leaves the
 * count as it is.
 */
export function settleRun({ status, attempt, started, endedAt, schedule }: EndedRun): Settlement {
  if (status === "succeeded") return { kind: "done", failures: 0, pause: false };
  if (status === "cancelled") return { kind: "done", failures: schedule.failures, pause: false };
  if (started && attempt <= schedule.maxRetries && (schedule.enabled || schedule.ended)) {
    return { kind: "retry", dueAt: endedAt + retryDelayMs(attempt, schedule.retryDelaySeconds) };
  }
  const failures = schedule.failures + 1;
  const limit = schedule.pauseAfterFailures;
  return { kind: "done", failures, pause: schedule.enabled && limit > 0 && failures >= limit };
}

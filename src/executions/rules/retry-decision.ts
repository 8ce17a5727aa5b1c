interface Failure {
  /** Whether it may pass by itself. A caller's own mistake does not, and is never sent again. */
  passing: boolean;
  /** How often the step was run again already, and how often it may be. */
  retries: number;
  maxRetries: number;
  now: number;
  delayMs: number;
  deadlineAt: number;
}

/** Whether a failed step is worth running again: the failure may pass, and the wait fits the execution's time. */
export function shouldRetry(failure: Failure): boolean {
  return failure.passing && failure.retries < failure.maxRetries && failure.now + failure.delayMs < failure.deadlineAt;
}

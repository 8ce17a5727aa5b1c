/** Failures that may pass by themselves. A caller's own mistake does not, and is never sent again. */
const PASSING: ReadonlySet<string> = new Set(["rate_limit", "overloaded", "server", "timeout", "network", "malformed"]);

interface Failure {
  kind: string;
  /** How often the step was run again already, and how often it may be. */
  retries: number;
  maxRetries: number;
  now: number;
  delayMs: number;
  deadlineAt: number;
}

/** Whether a failed step is worth running again: the failure may pass, and the wait fits the execution's time. */
export function shouldRetry(failure: Failure): boolean {
  return (
    PASSING.has(failure.kind) &&
    failure.retries < failure.maxRetries &&
    failure.now + failure.delayMs < failure.deadlineAt
  );
}

import type { ErrorKind } from "../contract.ts";

/** Under what conditions an agent's next target is tried: the agent's `fallback.on`. */
export interface FallbackConditions {
  /** Errors of any kind that is not named by the two below. */
  error: boolean;
  rateLimit: boolean;
  timeout: boolean;
  /** HTTP statuses that lead to the next target whatever else is said, and the only way for a content policy to. */
  statusCodes: readonly number[];
}

export interface FailedCall {
  /** `latency`: no answer within the agent's threshold. */
  kind: ErrorKind | "latency";
  httpStatus: number | null;
  /** How often this target may still be called. */
  retriesLeft: number;
  retryAfterMs: number | null;
}

/** What to do after a failed call. `largerWindow`: only targets that take more tokens than this one make sense. */
export type NextMove = { move: "same"; waitMs: number } | { move: "next"; largerWindow: boolean } | { move: "stop" };

/** The longest wait that is slept away in the consumer. What takes longer goes over the queue, or to the next target. */
export const MAX_SLEEP_MS = 2_000;
const SHORT_WAIT_MS = 250;

/** Failures that may pass by themselves: the same call may go through a moment later. */
const PASSING: ReadonlySet<string> = new Set(["rate_limit", "overloaded", "server", "timeout", "network", "malformed"]);

/**
 * Decides after a failed call. A caller's own mistake goes to the next target but never to the same one again; a
 * credential that is wrong or out of money is left at once; a refusal for its content moves on only where its status
 * is listed; a wait that is long is not waited for here.
 */
export function afterFailure(call: FailedCall, on: FallbackConditions): NextMove {
  if (call.kind === "cancelled") return { move: "stop" };
  const waitMs = call.retryAfterMs ?? SHORT_WAIT_MS;
  if (PASSING.has(call.kind) && call.retriesLeft > 0 && waitMs <= MAX_SLEEP_MS) return { move: "same", waitMs };
  return movesOn(call, on) ? { move: "next", largerWindow: call.kind === "context_length" } : { move: "stop" };
}

function movesOn(call: FailedCall, on: FallbackConditions): boolean {
  if (call.httpStatus !== null && on.statusCodes.includes(call.httpStatus)) return true;
  switch (call.kind) {
    case "content_policy":
      return false;
    case "rate_limit":
      return on.rateLimit;
    case "timeout":
      return on.timeout;
    case "latency":
      return true;
    default:
      return on.error;
  }
}

/** A call whose time was cut short may be late by its caller's impatience alone, unless it still had so long. */
const FAIR_TIME_MS = 30_000;
/** Whatever its agent's own timeout is: no model need have answered within less. */
const LEAST_TIME_MS = 5_000;

/**
 * How a failure counts against the breaker of its target. A caller's own mistakes say nothing of the provider's health,
 * nor does his impatience: `latency` never counts, nor does a timeout of a call that had less than five seconds, or less
 * than 30 because the deadline of its chain or its execution cut it short. A call that had its agent's whole timeout does
 * count: a provider that hangs would otherwise never be closed off.
 *
 * @param timeoutMs how long the call was allowed to take
 * @param attemptTimeoutMs how long its agent allows
 */
export function breakerResult(
  kind: FailedCall["kind"],
  timeoutMs: number,
  attemptTimeoutMs: number,
): "failure" | "neutral" {
  if (kind === "timeout" && timeoutMs < (timeoutMs < attemptTimeoutMs ? FAIR_TIME_MS : LEAST_TIME_MS)) return "neutral";
  return PASSING.has(kind) ? "failure" : "neutral";
}

/** Whether a failure may pass if the whole chain is run again later. */
export function mayPass(kind: FailedCall["kind"] | "budget" | "unpriced"): boolean {
  return PASSING.has(kind) || kind === "latency";
}

import { describe, expect, test } from "vitest";
import {
  afterFailure,
  breakerResult,
  type FailedCall,
  type FallbackConditions,
} from "../../../src/providers/rules/after-failure.ts";

const NONE: FallbackConditions = { error: false, rateLimit: false, timeout: false, statusCodes: [] };
const CONDITIONS = {
  none: NONE,
  error: { ...NONE, error: true },
  rateLimit: { ...NONE, rateLimit: true },
  timeout: { ...NONE, timeout: true },
  status: { ...NONE, statusCodes: [418] },
} satisfies Record<string, FallbackConditions>;

type Kind = FailedCall["kind"];
type Condition = keyof typeof CONDITIONS;

/** For each kind: the conditions under which the next target is tried, and whether the same one may be called again. */
const TABLE: Record<Kind, { next: Condition[]; again: boolean }> = {
  rate_limit: { next: ["rateLimit", "status"], again: true },
  timeout: { next: ["timeout", "status"], again: true },
  overloaded: { next: ["error", "status"], again: true },
  server: { next: ["error", "status"], again: true },
  network: { next: ["error", "status"], again: true },
  malformed: { next: ["error", "status"], again: true },
  quota: { next: ["error", "status"], again: false },
  auth: { next: ["error", "status"], again: false },
  invalid_request: { next: ["error", "status"], again: false },
  context_length: { next: ["error", "status"], again: false },
  model_not_found: { next: ["error", "status"], again: false },
  content_policy: { next: ["status"], again: false },
  latency: { next: ["none", "error", "rateLimit", "timeout", "status"], again: false },
  cancelled: { next: [], again: false },
};

const call = (kind: Kind, over: Partial<FailedCall> = {}): FailedCall => ({
  kind,
  httpStatus: 418,
  retriesLeft: 0,
  retryAfterMs: null,
  ...over,
});

const KINDS: readonly Kind[] = [
  "rate_limit",
  "timeout",
  "overloaded",
  "server",
  "network",
  "malformed",
  "quota",
  "auth",
  "invalid_request",
  "context_length",
  "model_not_found",
  "content_policy",
  "latency",
  "cancelled",
];
const NAMES: readonly Condition[] = ["none", "error", "rateLimit", "timeout", "status"];

describe.each(KINDS)("after %s", (kind) => {
  test.each(NAMES)("under the condition %s it moves on only where the table says so", (condition) => {
    const { move } = afterFailure(call(kind), CONDITIONS[condition]);
    expect(move).toBe(TABLE[kind].next.includes(condition) ? "next" : "stop");
  });

  test("the same target is called again only when the failure may pass", () => {
    const { move } = afterFailure(call(kind, { retriesLeft: 1 }), NONE);
    expect(move === "same").toBe(TABLE[kind].again);
  });

  test("it counts against the breaker only when it says something of the provider's health", () => {
    expect(breakerResult(kind, 60_000, 60_000)).toBe(TABLE[kind].again ? "failure" : "neutral");
  });
});

test("a timeout counts against the breaker when the call had its agent's whole time, five seconds at least", () => {
  expect([4_999, 5_000, 20_000].map((ms) => breakerResult("timeout", ms, ms))).toEqual([
    "neutral",
    "failure",
    "failure",
  ]);
  expect(breakerResult("server", 1, 1)).toBe("failure");
});

test("a timeout of a call that a deadline cut short counts only when it had half a minute all the same", () => {
  const results = [29_999, 30_000].map((timeoutMs) => breakerResult("timeout", timeoutMs, 60_000));
  expect(results).toEqual(["neutral", "failure"]);
});

test("a short Retry-After is slept away, a long one is not waited for", () => {
  const on = CONDITIONS.rateLimit;
  expect(afterFailure(call("rate_limit", { retriesLeft: 1, retryAfterMs: 1_500 }), on)).toEqual({
    move: "same",
    waitMs: 1_500,
  });
  expect(afterFailure(call("rate_limit", { retriesLeft: 1, retryAfterMs: 30_000 }), on)).toEqual({
    move: "next",
    largerWindow: false,
  });
});

test("an input that is too long asks for a larger window", () => {
  expect(afterFailure(call("context_length"), CONDITIONS.error)).toEqual({ move: "next", largerWindow: true });
});

import { describe, expect, test } from "vitest";
import { type FailedRun, whenAgain } from "../../../src/executions/rules/retry-decision.ts";

const NOW = 1_000_000;
const run = (over: Partial<FailedRun>): FailedRun => ({
  retries: 0,
  maxRetries: 2,
  called: true,
  retryAt: null,
  untriedAt: null,
  now: NOW,
  deadlineAt: NOW + 300_000,
  random: 0,
  ...over,
});

describe("a run whose calls failed", () => {
  test("is run again after a back-off when one of the failures may pass, as often as the step may be", () => {
    expect(whenAgain(run({ retryAt: NOW }))).toEqual({ availableAt: NOW + 500, usesRetry: true });
    expect(whenAgain(run({ retryAt: NOW, retries: 1 }))).toEqual({ availableAt: NOW + 1_000, usesRetry: true });
    expect(whenAgain(run({ retryAt: NOW, retries: 2 }))).toBeNull();
    expect(whenAgain(run({}))).toBeNull();
  });

  test("waits for the first target that comes back, whether it failed or was passed over", () => {
    expect(whenAgain(run({ retryAt: NOW + 40_000, untriedAt: NOW + 5_000 }))?.availableAt).toBe(NOW + 5_000);
    expect(whenAgain(run({ retryAt: NOW + 5_000, untriedAt: NOW + 40_000 }))?.availableAt).toBe(NOW + 5_000);
  });

  test("waits once for a target that was only passed over when its retries are used up", () => {
    const untried = { untriedAt: NOW + 40_000 };
    expect(whenAgain(run({ ...untried, retries: 2 }))).toEqual({ availableAt: NOW + 40_000, usesRetry: true });
    expect(whenAgain(run({ ...untried, retries: 3 }))).toBeNull();
  });
});

test("a run that nobody was called in uses up no retry, however often it comes", () => {
  const waiting = run({ called: false, untriedAt: NOW + 40_000, retries: 9 });
  expect(whenAgain(waiting)).toEqual({ availableAt: NOW + 40_000, usesRetry: false });
});

test.each([
  ["a back-off", { retryAt: NOW }, 500],
  ["a Retry-After", { retryAt: NOW + 8_000 }, 8_000],
  ["a reopening", { called: false, untriedAt: NOW + 60_000 }, 60_000],
])("%s that does not fit the deadline is not waited for", (_, over, waitMs) => {
  expect(whenAgain(run({ ...over, deadlineAt: NOW + waitMs }))).toBeNull();
  expect(whenAgain(run({ ...over, deadlineAt: NOW + waitMs + 1 }))).not.toBeNull();
});

test("those who wait for the same moment come at different ones, a fifth of the wait and ten seconds later at most", () => {
  const at = (waitMs: number, random: number) =>
    (whenAgain(run({ called: false, untriedAt: NOW + waitMs, random }))?.availableAt ?? 0) - NOW;
  expect([0, 0.5, 1].map((random) => at(20_000, random))).toEqual([20_000, 22_000, 24_000]);
  expect(at(200_000, 1)).toBe(210_000);
});

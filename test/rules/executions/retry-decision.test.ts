import { describe, expect, test } from "vitest";
import { type FailedRun, whenAgain } from "../../../src/executions/rules/retry-decision.ts";

const NOW = 1_000_000;
const run = (over: Partial<FailedRun>): FailedRun => ({
  retries: 0,
  maxRetries: 2,
  called: true,
  limited: false,
  waits: 0,
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

describe("a run that waited in vain", () => {
  const waited = (waits: number, random: number, over: Partial<FailedRun> = {}) =>
    (whenAgain(run({ called: false, untriedAt: NOW + 5_000, waits, random, ...over }))?.availableAt ?? 0) - NOW;

  test("comes back half as often each time, and not together with the others", () => {
    expect([0, 1, 2, 3, 4, 9].map((waits) => waited(waits, 0.5))).toEqual([
      ...[5_500, 10_000, 20_000, 40_000, 40_000, 40_000],
    ]);
    expect([0, 0.5, 1].map((random) => waited(3, random))).toEqual([20_000, 40_000, 60_000]);
  });

  test("never comes sooner than makes sense, and waits for half of what is left when its wait does not fit", () => {
    expect(waited(9, 0, { untriedAt: NOW + 100_000 })).toBe(100_000);
    expect(waited(9, 0.5, { deadlineAt: NOW + 30_000 })).toBe(15_000);
  });

  test("is soon done with a hundred others: the runs of a step in five minutes are few", () => {
    let runs = 0;
    for (let now = NOW; ; runs += 1) {
      const next = whenAgain(
        run({ now, called: false, untriedAt: now + 5_000, waits: runs, random: 0.5, deadlineAt: NOW + 300_000 }),
      );
      if (next === null) break;
      now = next.availableAt;
    }
    expect(runs).toBeLessThan(16);
  });
});

test("a run that only met rate limits uses up no retry, unless it had none to use", () => {
  const limited = { limited: true, retryAt: NOW + 2_000 };
  expect(whenAgain(run(limited))).toEqual({ availableAt: NOW + 2_000, usesRetry: false });
  expect(whenAgain(run({ ...limited, waits: 3, random: 0.5 }))).toEqual({
    availableAt: NOW + 40_000,
    usesRetry: false,
  });
  expect(whenAgain(run({ ...limited, maxRetries: 0 }))).toBeNull();
  expect(whenAgain(run({ ...limited, maxRetries: 0, untriedAt: NOW + 3_000 }))?.usesRetry).toBe(true);
});

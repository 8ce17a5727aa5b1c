import { expect, test } from "vitest";
import { addUp, costEach, costOfCalls, money, NO_SUMS } from "../../../src/costs/rules/sums.ts";

test("calls without a price cost something unknown, no calls cost nothing", () => {
  expect(costOfCalls({ ...NO_SUMS, calls: 2, unpricedCalls: 2 })).toBeNull();
  expect(costOfCalls({ ...NO_SUMS, calls: 2, unpricedCalls: 1, costNanoUsd: 5n })).toBe(5n);
  // Priced, and free.
  expect(costOfCalls({ ...NO_SUMS, calls: 1 })).toBe(0n);
  expect(costOfCalls(NO_SUMS)).toBe(0n);
});

test("a shared cost is rounded to the nearest, and is none when nobody shares it", () => {
  expect([costEach(10n, 4), costEach(9n, 4), costEach(11n, 4), costEach(0n, 3)]).toEqual([3n, 2n, 3n, 0n]);
  expect([costEach(10n, 0), costEach(null, 4)]).toEqual([null, null]);
});

test("sums add up in every class, and stay exact where numbers would not", () => {
  const one = { ...NO_SUMS, calls: 1, costNanoUsd: 2n ** 53n, reasoningTokens: 3, cacheWrite1hTokens: 4 };
  const total = addUp([one, { ...one, costNanoUsd: 1n, unpricedCalls: 1 }]);
  expect(total).toEqual({
    ...NO_SUMS,
    calls: 2,
    unpricedCalls: 1,
    costNanoUsd: 2n ** 53n + 1n,
    reasoningTokens: 6,
    cacheWrite1hTokens: 8,
  });
  expect(money(total.costNanoUsd).costUsd).toBe("9007199.254740993");
  expect(money(null)).toEqual({ costNanoUsd: null, costUsd: null });
});

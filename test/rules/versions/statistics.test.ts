import { expect, test } from "vitest";
import { statisticsOf, type VersionSums } from "../../../src/versions/rules/statistics.ts";

const none: VersionSums = {
  succeededCount: 0,
  failedCount: 0,
  cancelledCount: 0,
  durationMsSum: 0,
  costNanoUsdSum: 0,
  pricedCount: 0,
  inputTokensSum: 0,
  outputTokensSum: 0,
};

test("a version that was never executed has no means", () => {
  expect(statisticsOf(none)).toEqual({
    executionCount: 0,
    successRate: null,
    avgDuration: null,
    avgCostNanoUsd: null,
    avgInputTokens: null,
    avgOutputTokens: null,
  });
});

test("a cancelled execution counts, and says nothing of success or duration", () => {
  const sums = { ...none, succeededCount: 2, failedCount: 1, cancelledCount: 1, durationMsSum: 900 };
  expect(statisticsOf(sums)).toMatchObject({ executionCount: 4, successRate: 66.7, avgDuration: 300 });
});

test("the mean cost is over executions that have a price, to the nano-dollar", () => {
  expect(statisticsOf({ ...none, succeededCount: 3, pricedCount: 2, costNanoUsdSum: 5 }).avgCostNanoUsd).toBe(3);
});

/** The integer sums that are kept with a version. */
export interface VersionSums {
  succeededCount: number;
  failedCount: number;
  cancelledCount: number;
  /** Of executions that ran to their end. */
  durationMsSum: number;
  costNanoUsdSum: number;
  /** Executions with at least one priced call. */
  pricedCount: number;
  inputTokensSum: number;
  outputTokensSum: number;
}

export interface VersionStatistics {
  executionCount: number;
  /** 0 to 100, one decimal; cancelled executions say nothing of it. Null before the first that ran to its end. */
  successRate: number | null;
  /** Milliseconds, over executions that ran to their end. */
  avgDuration: number | null;
  /** Nano-USD, over executions that have a price. */
  avgCostNanoUsd: number | null;
  avgInputTokens: number | null;
  avgOutputTokens: number | null;
}

/** Means from sums: rounded once, here, so that no error adds up. */
export function statisticsOf(sums: VersionSums): VersionStatistics {
  const completed = sums.succeededCount + sums.failedCount;
  const executionCount = completed + sums.cancelledCount;
  return {
    executionCount,
    successRate: completed === 0 ? null : Math.round((sums.succeededCount * 1_000) / completed) / 10,
    avgDuration: mean(sums.durationMsSum, completed),
    avgCostNanoUsd: mean(sums.costNanoUsdSum, sums.pricedCount),
    avgInputTokens: mean(sums.inputTokensSum, executionCount),
    avgOutputTokens: mean(sums.outputTokensSum, executionCount),
  };
}

function mean(sum: number, count: number): number | null {
  return count === 0 ? null : Math.round(sum / count);
}

import { nanoUsdToDecimal } from "../../core/money.ts";

/** What some calls came to. */
export interface Sums {
  calls: number;
  /** Those whose model has no known price: they are in no cost. */
  unpricedCalls: number;
  /** A BigInt, because sums over years may pass what a number holds exactly. */
  costNanoUsd: bigint;
  inputTokens: number;
  cachedInputTokens: number;
  cacheWriteTokens: number;
  cacheWrite1hTokens: number;
  outputTokens: number;
  reasoningTokens: number;
}

/** An amount as the API gives it. Both are `null` where there is no amount, which is not the same as nothing. */
export interface Money {
  /** Exact up to 2^53 (nine million dollars); beyond it, `costUsd` still is. */
  costNanoUsd: number | null;
  costUsd: string | null;
}

export const NO_SUMS: Sums = {
  calls: 0,
  unpricedCalls: 0,
  costNanoUsd: 0n,
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
};

export function addUp(all: readonly Sums[]): Sums {
  return all.reduce(
    (total, each) => ({
      calls: total.calls + each.calls,
      unpricedCalls: total.unpricedCalls + each.unpricedCalls,
      costNanoUsd: total.costNanoUsd + each.costNanoUsd,
      inputTokens: total.inputTokens + each.inputTokens,
      cachedInputTokens: total.cachedInputTokens + each.cachedInputTokens,
      cacheWriteTokens: total.cacheWriteTokens + each.cacheWriteTokens,
      cacheWrite1hTokens: total.cacheWrite1hTokens + each.cacheWrite1hTokens,
      outputTokens: total.outputTokens + each.outputTokens,
      reasoningTokens: total.reasoningTokens + each.reasoningTokens,
    }),
    NO_SUMS,
  );
}

/** What calls cost together. Of calls without a price only it is unknown; no calls at all cost 0. */
export function costOfCalls({ calls, unpricedCalls, costNanoUsd }: Sums): bigint | null {
  return calls > 0 && calls === unpricedCalls ? null : costNanoUsd;
}

/** A cost shared by so many, in nano-USD, rounded to the nearest, halves up. `null` when unknown or shared by nobody. */
export function costEach(costNanoUsd: bigint | null, count: number): bigint | null {
  if (costNanoUsd === null || count === 0) return null;
  const among = BigInt(count);
  return (2n * costNanoUsd + among) / (2n * among);
}

export function money(costNanoUsd: bigint | null): Money {
  if (costNanoUsd === null) return { costNanoUsd: null, costUsd: null };
  return { costNanoUsd: Number(costNanoUsd), costUsd: nanoUsdToDecimal(costNanoUsd) };
}

import type { ClassPrices, Price } from "../catalogue-model.ts";
import type { TokenCounts } from "../record-call.ts";

/** Micro-USD per million tokens, times tokens, is a thousandth of a nano-USD. */
const UNITS_PER_NANO_USD = 1000n;

/**
 * What a call cost, in nano-USD, rounded half to even once, at the end. `null` without a price: unknown is not free.
 * Throws a RangeError when a count is negative, not whole or larger than the total that it is a part of, and when the
 * result is beyond what a number holds exactly.
 */
export function costOf(price: Price | null, usage: TokenCounts): number | null {
  const { inputTokens, cachedInputTokens, cacheWriteTokens, cacheWrite1hTokens, outputTokens, reasoningTokens } = usage;
  const cached = tokens("cachedInputTokens", cachedInputTokens);
  const written = tokens("cacheWriteTokens", cacheWriteTokens);
  const written1h = tokens("cacheWrite1hTokens", cacheWrite1hTokens);
  const reasoning = tokens("reasoningTokens", reasoningTokens);
  const uncached = rest("inputTokens", tokens("inputTokens", inputTokens) - cached - written - written1h);
  const plain = rest("outputTokens", tokens("outputTokens", outputTokens) - reasoning);
  if (price === null) return null;

  const rate = ratesFor(price, inputTokens);
  return toNanoUsd(
    uncached * rate.input +
      cached * rate.cachedInput +
      written * rate.cacheWrite +
      written1h * rate.cacheWrite1h +
      plain * rate.output +
      reasoning * rate.reasoning,
  );
}

/**
 * The most that a call of so much input and at most `maxTokens` of output can cost, in nano-USD: what to reserve
 * before it is made. All input counts in its dearest class, since some providers write to their cache unasked. Writes
 * for an hour do not: those happen on request only, and no call of ours requests one. The input may turn out shorter, so
 * that the dearest of all tiers up to its length counts. `null` and errors as {@link costOf}.
 */
export function worstCaseCost(price: Price | null, call: { inputTokens: number; maxTokens: number }): number | null {
  const input = tokens("inputTokens", call.inputTokens);
  const output = tokens("maxTokens", call.maxTokens);
  if (price === null) return null;
  const reachable = [price, ...(price.tiers ?? []).filter((tier) => call.inputTokens > tier.aboveInputTokens)];
  const costs = reachable.map((tier) => {
    const rate = ratesOf(tier);
    return (
      input * dearest(rate.input, rate.cachedInput, rate.cacheWrite) + output * dearest(rate.output, rate.reasoning)
    );
  });
  return toNanoUsd(dearest(...costs));
}

/** Past a threshold the whole request is repriced, not only the tokens beyond it. */
function ratesFor(price: Price, inputTokens: number) {
  return ratesOf(price.tiers?.findLast((each) => inputTokens > each.aboveInputTokens) ?? price);
}

/** One rate for each class. */
function ratesOf(tier: ClassPrices) {
  const cacheWrite = tier.cacheWrite ?? tier.input;
  return {
    input: BigInt(tier.input),
    cachedInput: BigInt(tier.cachedInput ?? tier.input),
    cacheWrite: BigInt(cacheWrite),
    cacheWrite1h: BigInt(tier.cacheWrite1h ?? cacheWrite),
    output: BigInt(tier.output),
    reasoning: BigInt(tier.reasoning ?? tier.output),
  };
}

function tokens(name: string, count: number): bigint {
  if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`${name} is ${count}: not a count of tokens`);
  return BigInt(count);
}

/** A part larger than its total would make the rest negative, and the call cheaper than free. */
function rest(total: string, count: bigint): bigint {
  if (count < 0n) throw new RangeError(`the parts of ${total} add up to ${-count} more than it`);
  return count;
}

function dearest(...rates: bigint[]): bigint {
  let most = 0n;
  // Math.max refuses a bigint.
  for (const rate of rates) if (rate > most) most = rate;
  return most;
}

function toNanoUsd(units: bigint): number {
  const floor = units / UNITS_PER_NANO_USD;
  const doubled = (units % UNITS_PER_NANO_USD) * 2n;
  const isUp = doubled > UNITS_PER_NANO_USD || (doubled === UNITS_PER_NANO_USD && floor % 2n === 1n);
  const nanoUsd = Number(isUp ? floor + 1n : floor);
  if (!Number.isSafeInteger(nanoUsd)) throw new RangeError("the cost is beyond what can be counted in nano-USD");
  return nanoUsd;
}

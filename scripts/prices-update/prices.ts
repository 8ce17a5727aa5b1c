import type { ClassPrices, Price, PriceTier } from "../../src/costs/catalogue-model.ts";
import { microUsd } from "./decimal.ts";
import type { SourceModel, SourceRate } from "./source.ts";

/** A price without a start holds from here on. */
export const FROM_THE_START = "1970-01-01";

type SourceRates = Record<string, SourceRate>;

/** A model's prices, ascending by date. Throws when a set has no price for input or output. */
export function pricesOf(model: SourceModel): Price[] {
  return model.prices
    .map(({ constraint, prices }) => priceOf(constraint?.start_date ?? FROM_THE_START, prices, model.id))
    .sort((a, b) => (a.effectiveDate < b.effectiveDate ? -1 : 1));
}

function priceOf(effectiveDate: string, rates: SourceRates, id: string): Price {
  const tiers = thresholds(rates).map(
    (aboveInputTokens): PriceTier => ({ aboveInputTokens, ...classes(rates, aboveInputTokens, id) }),
  );
  return { effectiveDate, ...classes(rates, 0, id), ...(tiers.length === 0 ? {} : { tiers }) };
}

/** Every class at one threshold. A class that has no tier there keeps the price of the tier before. */
function classes(rates: SourceRates, threshold: number, id: string): ClassPrices {
  const at = (key: string) => rateAt(rates[key], threshold);
  const input = at("input_mtok");
  const output = at("output_mtok");
  if (input === undefined || output === undefined) throw new Error(`${id} has no price for input or output`);
  const cachedInput = at("cache_read_mtok");
  const cacheWrite = at("cache_write_mtok");
  const cacheWrite1h = at("cache_write_1h_mtok");
  return {
    input,
    ...(cachedInput === undefined ? {} : { cachedInput }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(cacheWrite1h === undefined ? {} : { cacheWrite1h }),
    output,
  };
}

function rateAt(rate: SourceRate | undefined, threshold: number): number | undefined {
  if (rate === undefined) return undefined;
  if (typeof rate === "number") return microUsd(rate);
  const reached = rate.tiers.filter((tier) => tier.start <= threshold).sort((a, b) => b.start - a.start);
  return microUsd(reached[0]?.price ?? rate.base);
}

/** The data starts a tier above a count, as we do: 271999 means "from 272000 on". */
function thresholds(rates: SourceRates): number[] {
  const starts = Object.values(rates).flatMap((rate) =>
    typeof rate === "number" ? [] : rate.tiers.map((tier) => tier.start),
  );
  return [...new Set(starts)].sort((a, b) => a - b);
}

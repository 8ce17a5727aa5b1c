import { isoTime } from "../core/clock.ts";
import type { ClassPrices, Price } from "./catalogue-model.ts";
import type { PriceRow } from "./pricing-inputs.ts";

/** A price as the API shows it. `id` and `createdAt` (epoch ms) are a workspace row's. */
export function priceRow(
  of: { provider: string; model: string },
  price: Price,
  own: { id: string; createdAt: number } | null,
): PriceRow {
  return {
    id: own?.id ?? null,
    source: own === null ? "catalogue" : "workspace",
    provider: of.provider,
    model: of.model,
    currency: "USD",
    effectiveDate: isoTime(Date.parse(price.effectiveDate)),
    ...shown(price),
    ...(price.tiers === undefined
      ? {}
      : { tiers: price.tiers.map((tier) => ({ aboveInputTokens: tier.aboveInputTokens, ...shown(tier) })) }),
    createdAt: own === null ? null : isoTime(own.createdAt),
  };
}

function shown(prices: ClassPrices) {
  return {
    inputTokenPrice: prices.input,
    ...(prices.cachedInput === undefined ? {} : { cachedInputTokenPrice: prices.cachedInput }),
    ...(prices.cacheWrite === undefined ? {} : { cacheWriteTokenPrice: prices.cacheWrite }),
    ...(prices.cacheWrite1h === undefined ? {} : { cacheWrite1hTokenPrice: prices.cacheWrite1h }),
    outputTokenPrice: prices.output,
    ...(prices.reasoning === undefined ? {} : { reasoningTokenPrice: prices.reasoning }),
  };
}

import type { CatalogueModel, ClassPrices, PriceBook } from "../costs/index.ts";
import type { ModelView } from "./inputs.ts";

/** A model of the catalogue as the API shows it, with the price that holds in the workspace now. A class that is not priced apart is null. */
export function modelView(model: CatalogueModel, prices: PriceBook, now: number): ModelView {
  const price = prices.priceAt(model.provider, model.id, now);
  return {
    id: model.id,
    tier: model.tier,
    contextWindow: model.contextWindow,
    capabilities: [...model.capabilities],
    retiredAt: model.retiredAt,
    successor: model.successor,
    price: price && {
      currency: "USD",
      ...pricesView(price),
      tiers: (price.tiers ?? []).map((tier) => ({ aboveInputTokens: tier.aboveInputTokens, ...pricesView(tier) })),
    },
  };
}

function pricesView(prices: ClassPrices) {
  return {
    inputTokenPrice: prices.input,
    cachedInputTokenPrice: prices.cachedInput ?? null,
    cacheWriteTokenPrice: prices.cacheWrite ?? null,
    cacheWrite1hTokenPrice: prices.cacheWrite1h ?? null,
    outputTokenPrice: prices.output,
    reasoningTokenPrice: prices.reasoning ?? null,
  };
}

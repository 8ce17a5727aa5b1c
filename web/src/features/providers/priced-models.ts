import type { InferResponseType } from "hono/client";
import type { client } from "../../api/client.ts";
import type { PriceField } from "../../lib/price-draft.ts";
import type { NewPrice, Price } from "./price-queries.ts";
import { PROVIDERS, type PricesSearch } from "./search.ts";

type Provider = InferResponseType<typeof client.api.providers.$get, 200>["items"][number];

/** Prices of one threshold: micro-USD for a million tokens; what is not priced apart is null or missing. */
export type ShownPrices = Partial<Record<PriceField, number | null | undefined>> & {
  inputTokenPrice: number;
  outputTokenPrice: number;
};

/** A model with what it costs now. */
export interface PricedModel {
  provider: NewPrice["provider"];
  model: string;
  /** Null when no price holds now. */
  price: (ShownPrices & { tiers: readonly (ShownPrices & { aboveInputTokens: number })[] }) | null;
  source: "catalogue" | "workspace";
  retiredAt: string | null;
  successor: string | null;
}

/**
 * Every model with a price: those of the catalogue with what holds now, then those that the workspace alone has priced.
 *
 * @param own the workspace's prices, written last first
 * @param now epoch ms
 */
export function pricedModels(providers: readonly Provider[], own: readonly Price[], now: number): PricedModel[] {
  const inEffect = new Map<string, Price>();
  for (const price of own) {
    const at = Date.parse(price.effectiveDate);
    const known = inEffect.get(keyOf(price));
    if (at <= now && (!known || at > Date.parse(known.effectiveDate))) inEffect.set(keyOf(price), price);
  }
  const listed = providers.flatMap(({ provider, models }) =>
    models.map(({ id, price, retiredAt, successor }): PricedModel => {
      const source = inEffect.has(keyOf({ provider, model: id })) ? "workspace" : "catalogue";
      return { provider, model: id, price, source, retiredAt, successor };
    }),
  );
  const known = new Set(listed.map(keyOf));
  const others = new Map<string, PricedModel>();
  for (const { provider: name, model } of own) {
    const provider = PROVIDERS.find((each) => each === name);
    const key = keyOf({ provider: name, model });
    if (provider === undefined || known.has(key) || others.has(key)) continue;
    const price = inEffect.get(key);
    others.set(key, {
      provider,
      model,
      price: price ? { ...price, tiers: price.tiers ?? [] } : null,
      source: "workspace",
      retiredAt: null,
      successor: null,
    });
  }
  return [...others.values(), ...listed];
}

/** Whether a model is among those that the page's filters ask for. */
export function fitsPrices(
  { provider, model, source, retiredAt }: PricedModel,
  search: PricesSearch,
  now: number,
): boolean {
  const retired = retiredAt !== null && Date.parse(retiredAt) <= now;
  return (
    (search.provider === undefined || provider === search.provider) &&
    (search.source === undefined || source === search.source) &&
    (search.q === undefined || model.toLowerCase().includes(search.q.trim().toLowerCase())) &&
    (!retired || search.retired === "shown" || source === "workspace")
  );
}

function keyOf({ provider, model }: { provider: string; model: string }): string {
  return `${provider} ${model}`;
}

import type { providersQuery } from "../../api/providers.ts";
import type { Target } from "./example.ts";

type Providers = Awaited<ReturnType<NonNullable<(typeof providersQuery)["queryFn"]>>>;

/**
 * The model that an example's agents ask: the cheapest small one that can be called, else that of any provider, so that
 * there is something to look at before a key is set. Null when no model is known at all.
 */
export function defaultTarget(providers: Providers): Target | null {
  const configured = providers.items.filter((provider) => provider.configured && provider.models.length > 0);
  const usable = configured.length > 0 ? configured : providers.items;
  const models = usable.flatMap(({ provider, models }) =>
    models.filter(({ retiredAt }) => retiredAt === null).map((model) => ({ ...model, provider })),
  );
  const small = models.filter(({ tier }) => tier === "small");
  const byPrice = (small.length > 0 ? small : models).toSorted((one, other) => inputPrice(one) - inputPrice(other));
  const [cheapest] = byPrice;
  return cheapest ? { provider: cheapest.provider, model: cheapest.id } : null;
}

function inputPrice(model: { price: { inputTokenPrice: number } | null }): number {
  return model.price?.inputTokenPrice ?? Number.POSITIVE_INFINITY;
}

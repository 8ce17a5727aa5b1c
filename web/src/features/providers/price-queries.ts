import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { answer } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";

const { pricing } = client.api;

/** A price from a date on: of the catalogue, or the workspace's own. */
export type Price = InferResponseType<typeof pricing.$get, 200>["items"][number];
/** A model whose calls have no cost, and why. */
export type Unpriced = InferResponseType<typeof pricing.unpriced.$get, 200>["items"][number];
/** A price that is not saved yet. */
export type NewPrice = Parameters<typeof pricing.$put>[0]["json"];
type RepriceBody = Parameters<typeof pricing.reprice.$post>[0]["json"];
type PricePage = InferResponseType<typeof pricing.$get, 200>;

const MOST_AT_ONCE = "200";
/** A workspace holds 5,000 prices at most. */
const MOST_PAGES = 26;

/** The workspace's own prices, written last first. They stand before the catalogue's in the API's list. */
export const ownPricesQuery = queryOptions({
  queryKey: keys.pricing.own,
  queryFn: async () => {
    const own: Price[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const { items, nextCursor }: PricePage = await answer(
        pricing.$get({ query: { limit: MOST_AT_ONCE, ...(cursor === null ? {} : { cursor }) } }),
      );
      own.push(...items.filter(({ source }) => source === "workspace"));
      cursor = nextCursor;
      if (cursor === null || items.some(({ source }) => source === "catalogue")) break;
    }
    return own;
  },
});

/** The models whose calls have no cost, those of most calls first. */
export const unpricedQuery = queryOptions({
  queryKey: keys.pricing.unpriced,
  queryFn: () => answer(pricing.unpriced.$get({ query: { limit: MOST_AT_ONCE } })),
});

/** Every price that a model ever had, under any of its names. */
export function historyQuery(provider: NewPrice["provider"], model: string) {
  return queryOptions({
    queryKey: keys.pricing.history(provider, model),
    queryFn: () => answer(pricing.$get({ query: { provider, model, limit: MOST_AT_ONCE } })),
  });
}

/** What a price makes old: prices, and what calls cost that were made or priced by it. */
function useRefreshPrices() {
  const queryClient = useQueryClient();
  return () =>
    Promise.all(
      [keys.pricing.all, keys.providers, keys.analytics.all, keys.executions.all, keys.budgets].map((queryKey) =>
        queryClient.invalidateQueries({ queryKey }),
      ),
    );
}

/** Adds a price. With `reprice` the calls of the past that it prices are priced at once; answers how many those were. */
export function useAddPrice() {
  const refresh = useRefreshPrices();
  return useMutation({
    mutationFn: async ({ price, reprice }: { price: NewPrice; reprice: boolean }) => {
      await answer(pricing.$put({ json: price }));
      return reprice ? await repriceAll({ provider: price.provider, model: price.model }) : null;
    },
    onSuccess: refresh,
  });
}

/** Prices the calls of the past whose models have a price by now. */
export function useReprice() {
  const refresh = useRefreshPrices();
  return useMutation({ mutationFn: repriceAll, onSuccess: refresh });
}

/** A request works on so many calls; it is gone on with until none is left. */
async function repriceAll(body: RepriceBody): Promise<{ calls: number; costNanoUsd: number }> {
  const total = { calls: 0, costNanoUsd: 0 };
  let next: string | null = null;
  do {
    const part: InferResponseType<typeof pricing.reprice.$post, 200> = await answer(
      pricing.reprice.$post({ query: {}, json: next === null ? body : { ...body, cursor: next } }),
    );
    total.calls += part.calls;
    total.costNanoUsd += part.costNanoUsd;
    next = part.next;
  } while (next !== null);
  return total;
}

import { and, desc, eq, inArray, lt } from "drizzle-orm";
import { decodeCursor, encodeCursor, type Page } from "../core/pagination.ts";
import type { Ctx } from "../db/context.ts";
import { CATALOGUE } from "./catalogue.generated.ts";
import { priceRow } from "./price-row.ts";
import { PRICED_PROVIDERS, type PriceQuery, type PriceRow } from "./pricing-inputs.ts";
import { pricedNames } from "./rules/price-book.ts";
import { providerPricing } from "./schema.ts";
import { parseTiers, priceOf } from "./stored-price.ts";

/** How far a page came: `w` and the `seq` of a workspace's row, or `c` and a place in the catalogue, which comes behind. */
const CURSOR = /^[wc]\d{1,15}$/;

/**
 * All prices that count here: the workspace's own, written last first, then the catalogue's by model with the newest
 * first. A filter by model also gives the prices under its other names that a call to it would be priced by.
 */
export async function listPrices(ctx: Ctx, query: PriceQuery): Promise<Page<PriceRow>> {
  const cursor = query.cursor === undefined ? null : decodeCursor(query.cursor, CURSOR);
  const at = cursor === null ? 0 : Number(cursor.slice(1));
  const inCatalogue = cursor?.startsWith("c") ?? false;
  const own = inCatalogue ? [] : await ownPrices(ctx, query, cursor === null ? null : at);
  if (own.length > query.limit) {
    const shown = own.slice(0, query.limit);
    return { items: shown.map(({ row }) => row), nextCursor: encodeCursor(`w${shown.at(-1)?.seq}`) };
  }
  const listed = cataloguePrices(query);
  const start = inCatalogue ? at : 0;
  const end = start + query.limit - own.length;
  return {
    items: [...own.map(({ row }) => row), ...listed.slice(start, end)],
    nextCursor: end < listed.length ? encodeCursor(`c${end}`) : null,
  };
}

/** One row more than was asked for, to tell whether there are others. */
async function ownPrices(
  ctx: Ctx,
  query: PriceQuery,
  before: number | null,
): Promise<{ seq: number; row: PriceRow }[]> {
  const rows = await ctx.db.orm
    .select()
    .from(providerPricing)
    .where(
      and(
        eq(providerPricing.workspaceId, ctx.workspaceId),
        before === null ? undefined : lt(providerPricing.seq, before),
        query.provider === undefined ? undefined : eq(providerPricing.provider, query.provider),
        query.model === undefined ? undefined : inArray(providerPricing.model, namesOf(query.provider, query.model)),
      ),
    )
    .orderBy(desc(providerPricing.seq))
    .limit(query.limit + 1);
  return rows.map((row) => ({ seq: row.seq, row: priceRow(row, priceOf(row, parseTiers(row.tiers)), row) }));
}

function cataloguePrices({ provider, model }: PriceQuery): PriceRow[] {
  return CATALOGUE.filter((known) => provider === undefined || known.provider === provider)
    .filter((known) => model === undefined || namesOf(known.provider, model).includes(known.id))
    .flatMap((known) => known.prices.toReversed().map((price) => priceRow({ ...known, model: known.id }, price, null)));
}

/** The names that a price of this model may be filed under, at one provider or at any. */
function namesOf(provider: string | undefined, model: string): string[] {
  const providers = provider === undefined ? PRICED_PROVIDERS : [provider];
  return [...new Set(providers.flatMap((each) => pricedNames(each, model)))];
}

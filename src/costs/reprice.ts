import { z } from "zod";
import { nanoUsdToDecimal } from "../core/money.ts";
import { decodeCursor, encodeCursor, notACursor } from "../core/pagination.ts";
import type { Ctx } from "../db/context.ts";
import { retryTransient } from "../db/transient.ts";
import type { Repriced, RepriceRequest } from "./pricing-inputs.ts";
import { readPriceBook } from "./read-prices.ts";
import { priceCall } from "./record-call.ts";
import { openRangeOf } from "./rules/asked-range.ts";
import { canonicalName } from "./rules/match-model.ts";
import { type PriceBook, pricedNames } from "./rules/price-book.ts";

const PAGE = 500;
/** Of one request: 50,000 calls, well within the queries and the time that it has. */
const MAX_PAGES = 100;

const pairSchema = z.object({ provider: z.string(), model: z.string() });
type Pair = z.infer<typeof pairSchema>;

/** Before any other. */
const FIRST_PAIR: Pair = { provider: "", model: "" };

const keySchema = z.object({
  at: z.number(),
  executionId: z.string(),
  nodeId: z.string(),
  fence: z.number(),
  attempt: z.number(),
});
type CallKey = z.infer<typeof keySchema>;

/** Where a request goes on: behind a call of a model. */
const placeSchema = z.object({ pair: pairSchema, last: keySchema });

const callSchema = keySchema.extend({
  inputTokens: z.number(),
  cachedInputTokens: z.number(),
  cacheWriteTokens: z.number(),
  cacheWrite1hTokens: z.number(),
  outputTokens: z.number(),
  reasoningTokens: z.number(),
});
type UnpricedCall = z.infer<typeof callSchema>;

const costSchema = z.object({ cost: z.number() });

/**
 * Prices the workspace's calls that have no cost yet, each by what its model cost when it was made. The sums of
 * executions and versions follow in the same statement, by a trigger of the table. A call is priced once: repeating
 * the request, or two at once, finds only what is left. What is more than one request works on is gone on with by its
 * `next`, so that calls which can never be priced do not keep the rest waiting. Calls whose tokens nobody knows are left
 * alone. Throws `invalid_fields` when the range ends before it starts, and for a cursor that is none.
 */
export async function reprice(ctx: Ctx, request: RepriceRequest, mostPages = MAX_PAGES): Promise<Repriced> {
  const { from: start, to: end } = openRangeOf(request);
  const prices = await readPriceBook(ctx.db, ctx.workspaceId);
  const total = { calls: 0, costNanoUsd: 0 };
  const from = request.cursor === undefined ? null : placeOf(request.cursor);
  let pages = 0;
  for (const pair of await unpricedPairs(ctx, request, from?.pair ?? FIRST_PAIR)) {
    const pricedFrom = prices.pricedFrom(pair.provider, pair.model);
    if (pricedFrom === null) continue;
    // Calls from before the first price stay as they are: reading them again and again would keep the rest waiting.
    const begin = { at: Math.max(start, pricedFrom), executionId: "", nodeId: "", fence: 0, attempt: 0 };
    let last: CallKey = from !== null && isSame(pair, from.pair) ? from.last : begin;
    for (;;) {
      if (pages === mostPages) return answer(total, cursorOf(pair, last));
      pages += 1;
      const calls: UnpricedCall[] = await unpricedCalls(ctx, pair, last, end);
      for (const cost of await writeCosts(ctx, prices, pair, calls)) {
        total.calls += 1;
        total.costNanoUsd += cost;
      }
      const next = calls.at(-1);
      if (calls.length < PAGE || next === undefined) break;
      last = next;
    }
  }
  return answer(total, null);
}

function answer(total: { calls: number; costNanoUsd: number }, next: string | null): Repriced {
  return { ...total, costUsd: nanoUsdToDecimal(total.costNanoUsd), more: next !== null, next };
}

function placeOf(cursor: string): z.infer<typeof placeSchema> {
  try {
    return placeSchema.parse(JSON.parse(decodeURIComponent(decodeCursor(cursor))));
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof URIError || cause instanceof z.ZodError)
      throw notACursor(cause);
    throw cause;
  }
}

function isSame(one: Pair, other: Pair): boolean {
  return one.provider === other.provider && one.model === other.model;
}

/** Percent-encoded, since a model may be named in any script. */
function cursorOf({ provider, model }: Pair, { at, executionId, nodeId, fence, attempt }: CallKey): string {
  const place = { pair: { provider, model }, last: { at, executionId, nodeId, fence, attempt } };
  return encodeCursor(encodeURIComponent(JSON.stringify(place)));
}

/** What is without a cost and meant by the request. A plain name means the dated versions of the model as well. */
async function unpricedPairs(ctx: Ctx, { provider, model }: RepriceRequest, from: Pair): Promise<Pair[]> {
  const { results } = await ctx.db.d1
    .prepare(
      `SELECT provider, model FROM unpriced_models
       WHERE workspace_id = ?1 AND uncounted = 0 AND (?2 IS NULL OR provider = ?2) AND (provider, model) >= (?3, ?4)
       ORDER BY provider, model`,
    )
    .bind(ctx.workspaceId, provider ?? null, from.provider, from.model)
    .run();
  const pairs = z.array(pairSchema).parse(results);
  if (model === undefined) return pairs;
  return pairs.filter((pair) => isMeant(pair, model));
}

function isMeant(pair: Pair, model: string): boolean {
  if (pair.model === model) return true;
  return pricedNames(pair.provider, pair.model).includes(canonicalName(pair.provider, model));
}

/** The next calls of a model in the order of their making, behind the last one seen or from a time on. */
async function unpricedCalls(ctx: Ctx, { provider, model }: Pair, last: CallKey, end: number): Promise<UnpricedCall[]> {
  const { results } = await ctx.db.d1
    .prepare(
      `SELECT execution_id AS executionId, node_id AS nodeId, fence, attempt, at, input_tokens AS inputTokens,
         cached_input_tokens AS cachedInputTokens, cache_write_tokens AS cacheWriteTokens,
         cache_write_1h_tokens AS cacheWrite1hTokens, output_tokens AS outputTokens, reasoning_tokens AS reasoningTokens
       FROM execution_costs
       WHERE workspace_id = ?1 AND provider = ?2 AND model = ?3 AND cost_nano_usd IS NULL AND uncounted = 0 AND at < ?4
         AND (at, execution_id, node_id, fence, attempt) > (?5, ?6, ?7, ?8, ?9)
       ORDER BY at, execution_id, node_id, fence, attempt LIMIT ?10`,
    )
    .bind(ctx.workspaceId, provider, model, end, last.at, last.executionId, last.nodeId, last.fence, last.attempt, PAGE)
    .run();
  return z.array(callSchema).parse(results);
}

/** Writes what the calls cost, and answers the costs that were written by this very statement. */
async function writeCosts(ctx: Ctx, prices: PriceBook, pair: Pair, calls: readonly UnpricedCall[]): Promise<number[]> {
  const applied = new Map<string, number>();
  const rows = calls.flatMap((call) => {
    const priced = priceCall(prices, { ...pair, usage: call, at: call.at });
    if (priced === null) return [];
    const text = JSON.stringify(priced.price);
    const price = applied.get(text) ?? applied.size;
    applied.set(text, price);
    const { executionId, nodeId, fence, attempt } = call;
    return [{ executionId, nodeId, fence, attempt, cost: priced.costNanoUsd, price }];
  });
  if (rows.length === 0) return [];
  const write = ctx.db.d1
    .prepare(
      // The + keeps the index of unpriced calls out of it: all of them would be read for each of these, a page squared.
      `UPDATE execution_costs SET cost_nano_usd = call.value ->> 'cost', price = applied.value
       FROM json_each(?2) AS call CROSS JOIN json_each(?3) AS applied ON applied.key = call.value ->> 'price'
       WHERE execution_id = call.value ->> 'executionId' AND node_id = call.value ->> 'nodeId'
         AND fence = call.value ->> 'fence' AND attempt = call.value ->> 'attempt'
         AND +workspace_id = ?1 AND +cost_nano_usd IS NULL
       RETURNING cost_nano_usd AS cost`,
    )
    .bind(ctx.workspaceId, JSON.stringify(rows), JSON.stringify([...applied.keys()]));
  const { results } = await retryTransient(() => write.run());
  return z
    .array(costSchema)
    .parse(results)
    .map(({ cost }) => cost);
}

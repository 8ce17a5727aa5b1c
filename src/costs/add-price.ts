import { DomainError } from "../core/errors.ts";
import { startOfTime } from "../core/time-range.ts";
import type { Ctx } from "../db/context.ts";
import { retryTransient } from "../db/transient.ts";
import { priceRow } from "./price-row.ts";
import type { NewPrice, PriceRow } from "./pricing-inputs.ts";
import { canonicalName } from "./rules/match-model.ts";
import { priceOf } from "./stored-price.ts";

/** The rows of a workspace are held in memory by whoever prices its calls. */
export const MAX_PRICES = 5_000;

/**
 * Adds a price that holds in the workspace from its date on, by default from now. Rows are history and stay: of two
 * for the same model and date the one written last counts. A model is filed without `-latest`, since no answer names
 * it so. Throws `too_many_prices`.
 */
export async function addPrice(ctx: Ctx, input: NewPrice): Promise<PriceRow> {
  const { db, workspaceId } = ctx;
  const now = ctx.clock.now();
  const id = ctx.ids.next();
  const { provider } = input;
  const model = canonicalName(provider, input.model);
  const effectiveDate = input.effectiveDate === undefined ? now : startOfTime(input.effectiveDate);
  const tiers = input.tiers ?? [];
  const insert = db.d1
    .prepare(
      `INSERT INTO provider_pricing (id, workspace_id, provider, model, currency, effective_date, input_token_price,
         cached_input_token_price, cache_write_token_price, cache_write_1h_token_price, output_token_price,
         reasoning_token_price, tiers, created_by, created_at)
       SELECT ?1, ?2, ?3, ?4, 'USD', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14
       WHERE (SELECT count(*) FROM provider_pricing WHERE workspace_id = ?2) < ?15
         OR EXISTS (SELECT 1 FROM provider_pricing WHERE id = ?1)
       ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING id`,
    )
    .bind(
      id,
      workspaceId,
      provider,
      model,
      effectiveDate,
      input.inputTokenPrice,
      input.cachedInputTokenPrice ?? null,
      input.cacheWriteTokenPrice ?? null,
      input.cacheWrite1hTokenPrice ?? null,
      input.outputTokenPrice,
      input.reasoningTokenPrice ?? null,
      tiers.length === 0 ? null : JSON.stringify(tiers),
      ctx.userId,
      now,
      MAX_PRICES,
    );
  const { results } = await retryTransient(() => insert.run());
  if (results.length === 0) {
    throw new DomainError(
      "too_many_prices",
      `The workspace holds ${MAX_PRICES} prices, which is the most. Prices are history and stay: leave models out whose catalogue price is right.`,
    );
  }
  return priceRow({ provider, model }, priceOf({ ...input, effectiveDate }, tiers), { id, createdAt: now });
}

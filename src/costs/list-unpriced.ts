import { z } from "zod";
import { isoTime } from "../core/clock.ts";
import type { Page } from "../core/pagination.ts";
import type { Ctx } from "../db/context.ts";
import type { UnpricedModel } from "./pricing-inputs.ts";

const rowSchema = z.object({
  provider: z.string(),
  model: z.string(),
  calls: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  firstAt: z.number(),
  lastAt: z.number(),
  uncounted: z.number(),
});

/**
 * The models of calls whose cost is not known, those of most calls first, each with why: no price is known, or no
 * count of tokens came back for calls that may be billed. One page and no more: what is
 * priced leaves the list, and the rest moves up.
 */
export async function listUnpriced(ctx: Ctx, { limit }: { limit: number }): Promise<Page<UnpricedModel>> {
  const { results } = await ctx.db.d1
    .prepare(
      `SELECT provider, model, count(*) AS calls, sum(input_tokens) AS inputTokens, sum(output_tokens) AS outputTokens,
         min(at) AS firstAt, max(at) AS lastAt, uncounted
       FROM (SELECT * FROM execution_costs WHERE workspace_id = ?1 AND cost_nano_usd IS NULL AND uncounted = 0
         UNION ALL SELECT * FROM execution_costs WHERE workspace_id = ?1 AND uncounted = 1)
       GROUP BY provider, model, uncounted ORDER BY calls DESC, provider, model, uncounted LIMIT ?2`,
    )
    .bind(ctx.workspaceId, limit)
    .run();
  const items = z.array(rowSchema).parse(results);
  return {
    items: items.map(({ uncounted, ...row }) => ({
      ...row,
      reason: uncounted === 1 ? ("no_usage" as const) : ("no_price" as const),
      firstAt: isoTime(row.firstAt),
      lastAt: isoTime(row.lastAt),
    })),
    nextCursor: null,
  };
}

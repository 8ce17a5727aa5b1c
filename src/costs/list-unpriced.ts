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

/** When the first or last of a model's calls was, by one seek in an index that holds only such calls. */
const WHEN = (which: "min" | "max") => {
  const select = `SELECT ${which}(c.at) FROM execution_costs c
    WHERE c.workspace_id = ?1 AND c.provider = u.provider AND c.model = u.model`;
  return `CASE u.uncounted WHEN 1 THEN (${select} AND c.uncounted = 1)
    ELSE (${select} AND c.cost_nano_usd IS NULL AND c.uncounted = 0) END`;
};

/**
 * The models of calls whose cost is not known, those of most calls first, each with why: no price is known, or no
 * count of tokens came back for calls that may be billed. One page and no more: what is
 * priced leaves the list, and the rest moves up.
 */
export async function listUnpriced(ctx: Ctx, { limit }: { limit: number }): Promise<Page<UnpricedModel>> {
  const { results } = await ctx.db.d1
    .prepare(
      `SELECT u.provider, u.model, u.calls, u.input_tokens AS inputTokens, u.output_tokens AS outputTokens,
         ${WHEN("min")} AS firstAt, ${WHEN("max")} AS lastAt, u.uncounted
       FROM (SELECT * FROM unpriced_models WHERE workspace_id = ?1
         ORDER BY calls DESC, provider, model, uncounted LIMIT ?2) AS u
       ORDER BY u.calls DESC, u.provider, u.model, u.uncounted`,
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

import type { Ctx } from "../db/context.ts";
import type { AnalyticsQuery, UsageView } from "./analytics-inputs.ts";
import { dimensionViews, rangeView, tokensView } from "./analytics-views.ts";
import { breakdownOf, selectBreakdown } from "./read-breakdown.ts";
import { rangeOf } from "./rules/asked-range.ts";
import { coverRange } from "./rules/cover-range.ts";
import { readUnfolded } from "./unfolded.ts";

/** The tokens of a range by class, in all and by workflow, provider, model and role. Throws `invalid_fields` as {@link rangeOf} does. */
export async function readUsage(ctx: Ctx, query: AnalyticsQuery): Promise<UsageView> {
  const range = rangeOf(query, ctx.clock.now());
  const segments = coverRange(range, await readUnfolded(ctx)).map((segment) => ({ ...segment, tag: 0 }));
  const read = breakdownOf(await selectBreakdown(ctx, segments, query).run());
  return {
    range: rangeView(range, query.timezone),
    ...tokensView(read.total),
    ...dimensionViews(read, tokensView),
  };
}

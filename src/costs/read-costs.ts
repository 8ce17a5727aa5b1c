import { z } from "zod";
import type { Ctx } from "../db/context.ts";
import type { AnalyticsQuery, CostsView } from "./analytics-inputs.ts";
import { amountView, dimensionViews, rangeView, spentView } from "./analytics-views.ts";
import { breakdownOf, selectBreakdown } from "./read-breakdown.ts";
import {
  callStatement,
  executionStatement,
  FROM_CALLS,
  FROM_EXECUTIONS,
  SUMS,
  sumsShape,
  TAG,
} from "./rollup-statements.ts";
import { rangeOf } from "./rules/asked-range.ts";
import { startOfPeriod } from "./rules/buckets.ts";
import { coverRange, type TimeRange, toQuarters } from "./rules/cover-range.ts";
import { costEach, costOfCalls, money, NO_SUMS } from "./rules/sums.ts";
import { readUnfolded } from "./unfolded.ts";

const taggedSchema = z.object({ tag: z.number(), ...sumsShape }).transform(({ tag, ...sums }) => ({ tag, sums }));

const endedSchema = z.object({ succeeded: z.number(), failed: z.number(), cancelled: z.number() });

/**
 * What the calls of a range cost, in all and by workflow, provider, model and role, and what those of today, this week,
 * this month and of all time did (in the zone, by the same filters). Throws `invalid_fields` as {@link rangeOf} does.
 */
export async function readCosts(ctx: Ctx, query: AnalyticsQuery): Promise<CostsView> {
  const now = ctx.clock.now();
  const range = rangeOf(query, now);
  const unfolded = await readUnfolded(ctx);
  const cover = (part: TimeRange, tag: number) =>
    coverRange(toQuarters(part), unfolded).map((segment) => ({ ...segment, tag }));
  const segments = cover(range, 0);
  const since = [
    startOfPeriod("day", query.timezone, now),
    startOfPeriod("week", query.timezone, now),
    startOfPeriod("month", query.timezone, now),
    0,
  ];
  const [breakdown, periods, ended] = await ctx.db.d1.batch([
    selectBreakdown(ctx, segments, query),
    callStatement(
      ctx,
      `SELECT ${TAG} AS tag, ${SUMS} ${FROM_CALLS} GROUP BY 1`,
      since.flatMap((from, index) => cover({ from, to: now + 1 }, index)),
      query,
    ),
    executionStatement(
      ctx,
      `SELECT coalesce(sum(r.succeeded), 0) AS succeeded, coalesce(sum(r.failed), 0) AS failed,
         coalesce(sum(r.cancelled), 0) AS cancelled ${FROM_EXECUTIONS}`,
      segments,
      query,
    ),
  ]);
  const read = breakdownOf(breakdown);
  const tagged = z.array(taggedSchema).parse(periods?.results);
  const period = (index: number) => amountView(tagged.find(({ tag }) => tag === index)?.sums ?? NO_SUMS);
  const executions = endedSchema.parse(ended?.results[0]);
  const cost = costOfCalls(read.total);
  const { costNanoUsd, costUsd, ...counts } = spentView(read.total);
  const each = costEach(cost, executions.succeeded);
  return {
    range: rangeView(range, query.timezone),
    totalCostNanoUsd: costNanoUsd,
    totalCostUsd: costUsd,
    ...counts,
    today: period(0),
    week: period(1),
    month: period(2),
    allTime: period(3),
    ...dimensionViews(read, spentView),
    executions,
    costPerSuccessfulExecution: each === null ? null : money(each),
  };
}

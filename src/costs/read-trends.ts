import { z } from "zod";
import { isoTime } from "../core/clock.ts";
import { zonedIso } from "../core/zoned-time.ts";
import type { Ctx } from "../db/context.ts";
import type { TrendsQuery, TrendsView } from "./analytics-inputs.ts";
import { rangeView, spentView } from "./analytics-views.ts";
import {
  callStatement,
  executionStatement,
  FROM_CALLS,
  FROM_EXECUTIONS,
  SUMS,
  sumsShape,
  TAG,
} from "./rollup-statements.ts";
import { rangeOf, requireFewBuckets } from "./rules/asked-range.ts";
import { bucketsOf } from "./rules/buckets.ts";
import { coverRange } from "./rules/cover-range.ts";
import { NO_SUMS } from "./rules/sums.ts";
import { readUnfolded } from "./unfolded.ts";

const callsSchema = z.object({ tag: z.number(), ...sumsShape }).transform(({ tag, ...sums }) => [tag, sums] as const);
const endedSchema = z
  .object({ tag: z.number(), executions: z.number() })
  .transform(({ tag, executions }) => [tag, executions] as const);

/**
 * What each hour, day, week or month of a range cost, those without a call too, as a zone's clocks and calendar cut
 * them. The first and the last hold what lies in the range. Throws `invalid_fields` as {@link rangeOf} does, and with the
 * bound for a range of too many buckets.
 */
export async function readTrends(ctx: Ctx, query: TrendsQuery): Promise<TrendsView> {
  const { interval, timezone } = query;
  const range = rangeOf(query, ctx.clock.now());
  requireFewBuckets(range, interval);
  const unfolded = await readUnfolded(ctx);
  const buckets = bucketsOf(range, interval, timezone);
  const segments = buckets.flatMap((bucket, tag) => coverRange(bucket, unfolded).map((each) => ({ ...each, tag })));
  const [calls, ended] = await ctx.db.d1.batch([
    callStatement(ctx, `SELECT ${TAG} AS tag, ${SUMS} ${FROM_CALLS} GROUP BY 1`, segments, query),
    executionStatement(
      ctx,
      `SELECT ${TAG} AS tag, sum(r.succeeded + r.failed + r.cancelled) AS executions ${FROM_EXECUTIONS} GROUP BY 1`,
      segments,
      query,
    ),
  ]);
  const sums = new Map(z.array(callsSchema).parse(calls?.results));
  const executions = new Map(z.array(endedSchema).parse(ended?.results));
  return {
    interval,
    timezone,
    range: rangeView(range, timezone),
    items: buckets.map(({ start }, tag) => ({
      bucket: isoTime(start),
      localStart: zonedIso(timezone, start),
      ...spentView(sums.get(tag) ?? NO_SUMS),
      executions: executions.get(tag) ?? 0,
    })),
  };
}

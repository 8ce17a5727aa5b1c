import { z } from "zod";
import type { Ctx } from "../db/context.ts";
import type { Segment } from "./rules/cover-range.ts";
import type { Sums } from "./rules/sums.ts";

/** Which calls are meant. */
export interface CallFilter {
  workflowId?: string | undefined;
  provider?: string | undefined;
  model?: string | undefined;
}

/** A part of a range, with the number of the range that it is a part of, when several are read at once. */
export type TaggedSegment = Segment & { tag: number };

/** The sums of the calls that are picked from `r`. Costs as text: D1 hands numbers over as floats. */
export const SUMS = `sum(r.calls) AS calls, sum(r.unpriced_calls) AS unpricedCalls,
  CAST(sum(r.cost_nano_usd) AS TEXT) AS costNanoUsd, sum(r.input_tokens) AS inputTokens,
  sum(r.cached_input_tokens) AS cachedInputTokens, sum(r.cache_write_tokens) AS cacheWriteTokens,
  sum(r.cache_write_1h_tokens) AS cacheWrite1hTokens, sum(r.output_tokens) AS outputTokens,
  sum(r.reasoning_tokens) AS reasoningTokens`;

/** What {@link SUMS} gives. */
export const sumsShape = {
  calls: z.number(),
  unpricedCalls: z.number(),
  costNanoUsd: z.string().transform(BigInt),
  inputTokens: z.number(),
  cachedInputTokens: z.number(),
  cacheWriteTokens: z.number(),
  cacheWrite1hTokens: z.number(),
  outputTokens: z.number(),
  reasoningTokens: z.number(),
} satisfies Record<keyof Sums, z.ZodType>;

/**
 * The rollups of some segments: ?1 workspace, ?2 segments ({@link segmentsJson}), ?3 workflow or NULL. The order of the
 * join is fixed, so that each segment is one seek and what lies outside of all is never read.
 */
function from(table: "cost_rollups" | "execution_rollups"): string {
  return `FROM json_each(?2) AS segment CROSS JOIN ${table} AS r
    WHERE r.workspace_id = ?1 AND r.level = segment.value ->> 0
      AND r.bucket >= segment.value ->> 1 AND r.bucket < segment.value ->> 2
      AND (?3 IS NULL OR r.workflow_id = ?3)`;
}

/** Calls of the segments, as `r`: also ?4 provider or NULL, ?5 model or NULL. */
export const FROM_CALLS = `${from("cost_rollups")} AND (?4 IS NULL OR r.provider = ?4) AND (?5 IS NULL OR r.model = ?5)`;

/** Executions that ended in the segments, as `r`. */
export const FROM_EXECUTIONS = from("execution_rollups");

/** The range that a row of {@link FROM_CALLS} or {@link FROM_EXECUTIONS} belongs to. */
export const TAG = "segment.value ->> 3";

/** A statement over {@link FROM_CALLS}. */
export function callStatement(
  ctx: Ctx,
  sql: string,
  segments: readonly TaggedSegment[],
  filter: CallFilter,
  ...more: number[]
): D1PreparedStatement {
  const { workflowId = null, provider = null, model = null } = filter;
  return ctx.db.d1.prepare(sql).bind(ctx.workspaceId, segmentsJson(segments), workflowId, provider, model, ...more);
}

/** A statement over {@link FROM_EXECUTIONS}. */
export function executionStatement(
  ctx: Ctx,
  sql: string,
  segments: readonly TaggedSegment[],
  { workflowId = null }: { workflowId?: string | null | undefined },
): D1PreparedStatement {
  return ctx.db.d1.prepare(sql).bind(ctx.workspaceId, segmentsJson(segments), workflowId);
}

function segmentsJson(segments: readonly TaggedSegment[]): string {
  return JSON.stringify(segments.map(({ level, from, to, tag }) => [level, from, to, tag]));
}

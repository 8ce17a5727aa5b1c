import { stringify } from "csv-stringify/sync";
import { z } from "zod";
import { isoTime } from "../core/clock.ts";
import { DomainError, errorText } from "../core/errors.ts";
import { nanoUsdToDecimal } from "../core/money.ts";
import { dayAt } from "../core/zoned-time.ts";
import type { Ctx } from "../db/context.ts";
import type { AnalyticsQuery } from "./analytics-inputs.ts";
import { workflowName } from "./read-breakdown.ts";
import { callStatement, FROM_CALLS } from "./rollup-statements.ts";
import { rangeOf } from "./rules/asked-range.ts";
import { coverRange, type TimeRange } from "./rules/cover-range.ts";
import { readUnfolded } from "./unfolded.ts";

/** Calls that are held in memory at once. */
const PAGE = 2_000;
/** A page is a query, and D1 answers a thousand of them to a request. */
const MOST_CALLS = 1_500_000;

const rowSchema = z.object({
  at: z.number(),
  executionId: z.string(),
  nodeId: z.string(),
  fence: z.number(),
  attempt: z.number(),
  workflowId: z.string(),
  name: z.string().nullable(),
  versionId: z.string(),
  agentId: z.string(),
  agentRole: z.string(),
  provider: z.string(),
  modelAsked: z.string(),
  model: z.string(),
  inputTokens: z.number(),
  cachedInputTokens: z.number(),
  cacheWriteTokens: z.number(),
  cacheWrite1hTokens: z.number(),
  outputTokens: z.number(),
  reasoningTokens: z.number(),
  costNanoUsd: z.number().nullable(),
});
type Row = z.infer<typeof rowSchema>;

/** In the order of the index, so that a page begins where the one before ended without reading it again. */
const SQL = `SELECT c.at, c.execution_id AS executionId, c.node_id AS nodeId, c.fence, c.attempt, c.workflow_id AS workflowId,
    ${workflowName("c.workflow_id")}, c.version_id AS versionId, c.agent_id AS agentId, c.agent_role AS agentRole,
    c.provider, c.model_asked AS modelAsked, c.model, c.input_tokens AS inputTokens,
    c.cached_input_tokens AS cachedInputTokens, c.cache_write_tokens AS cacheWriteTokens,
    c.cache_write_1h_tokens AS cacheWrite1hTokens, c.output_tokens AS outputTokens, c.reasoning_tokens AS reasoningTokens,
    c.cost_nano_usd AS costNanoUsd
  FROM execution_costs AS c INDEXED BY execution_costs_by_time
  WHERE c.workspace_id = ?1 AND c.at < ?2 AND (c.at, c.execution_id, c.node_id, c.fence, c.attempt) > (?3, ?4, ?5, ?6, ?7)
    AND (?8 IS NULL OR c.workflow_id = ?8) AND (?9 IS NULL OR c.provider = ?9) AND (?10 IS NULL OR c.model = ?10)
  ORDER BY c.at, c.execution_id, c.node_id, c.fence, c.attempt LIMIT ${PAGE}`;

/** A CSV file (RFC 4180) of calls. */
export interface LedgerExport {
  filename: string;
  /** Reads the ledger page by page as it is read itself, and stops when it is cancelled. */
  body: ReadableStream<Uint8Array>;
}

/**
 * The calls of a range as CSV with a header, one row a call, oldest first; what a spreadsheet would take for a formula is
 * quoted with an apostrophe. Their costs add up to what analytics says for the same query. Throws `invalid_fields` as
 * {@link rangeOf} does, and for more than 1,500,000 calls.
 */
export async function exportLedger(ctx: Ctx, query: AnalyticsQuery): Promise<LedgerExport> {
  const range = rangeOf(query, ctx.clock.now());
  await requireFewCalls(ctx, range, query);
  const encoder = new TextEncoder();
  let last: Row | undefined;
  let isFirst = true;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const rows = await readPage(ctx, range, query, last);
          if (isFirst || rows.length > 0) controller.enqueue(encoder.encode(csvOf(rows, isFirst)));
          isFirst = false;
          last = rows.at(-1);
          if (rows.length < PAGE) controller.close();
        } catch (error) {
          // Nobody else hears of it: the answer has begun, and can only be cut off.
          ctx.log.log("error", "CostTracker", errorText(error), { workspaceId: ctx.workspaceId });
          throw error;
        }
      },
    },
    { highWaterMark: 0 },
  );
  return { filename: filenameOf(range, query.timezone), body };
}

async function requireFewCalls(ctx: Ctx, range: TimeRange, query: AnalyticsQuery): Promise<void> {
  const segments = coverRange(range, await readUnfolded(ctx)).map((segment) => ({ ...segment, tag: 0 }));
  const sql = `SELECT coalesce(sum(r.calls), 0) AS calls ${FROM_CALLS}`;
  const { calls } = z.object({ calls: z.number() }).parse(await callStatement(ctx, sql, segments, query).first());
  if (calls <= MOST_CALLS) return;
  const message = `These are ${calls} calls, and a file holds at most ${MOST_CALLS}. Export a shorter range at a time.`;
  throw new DomainError("invalid_fields", message, { details: [{ path: "startDate", message }] });
}

async function readPage(ctx: Ctx, range: TimeRange, query: AnalyticsQuery, last: Row | undefined): Promise<Row[]> {
  const { at, executionId, nodeId, fence, attempt } = last ?? {
    at: range.from,
    executionId: "",
    nodeId: "",
    fence: 0,
    attempt: 0,
  };
  const { workflowId = null, provider = null, model = null } = query;
  const { results } = await ctx.db.d1
    .prepare(SQL)
    .bind(ctx.workspaceId, range.to, at, executionId, nodeId, fence, attempt, workflowId, provider, model)
    .run();
  return z.array(rowSchema).parse(results);
}

function csvOf(rows: readonly Row[], header: boolean): string {
  const records = rows.map(({ at, name, costNanoUsd, ...row }) => ({
    ...row,
    at: isoTime(at),
    workflowName: name,
    costNanoUsd,
    costUsd: costNanoUsd === null ? null : nanoUsdToDecimal(costNanoUsd),
  }));
  return stringify(records, { columns: [...COLUMNS], header, escape_formulas: true, record_delimiter: "windows" });
}

const COLUMNS = [
  "at",
  "executionId",
  "workflowId",
  "workflowName",
  "versionId",
  "nodeId",
  "attempt",
  "agentId",
  "agentRole",
  "provider",
  "modelAsked",
  "model",
  "inputTokens",
  "cachedInputTokens",
  "cacheWriteTokens",
  "cacheWrite1hTokens",
  "outputTokens",
  "reasoningTokens",
  "costNanoUsd",
  "costUsd",
] as const;

function filenameOf({ from, to }: TimeRange, timezone: string): string {
  const day = (at: number) => {
    const { year, month, day } = dayAt(timezone, at);
    return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
  };
  return `swarm-costs-${day(from)}-${day(to - 1)}.csv`;
}

import { z } from "zod";
import type { Ctx } from "../db/context.ts";
import {
  type CallFilter,
  callStatement,
  FROM_CALLS,
  SUMS,
  sumsShape,
  type TaggedSegment,
} from "./rollup-statements.ts";
import { addUp, type Sums } from "./rules/sums.ts";

/** What calls came to, in all and by what tells them apart, the dearest first. */
export interface Breakdown {
  total: Sums;
  byWorkflow: { id: string; name: string | null; deleted: boolean; sums: Sums }[];
  byProvider: { provider: string; sums: Sums }[];
  byModel: { provider: string; model: string; sums: Sums }[];
  byRole: { role: string; sums: Sums }[];
}

/** The columns `name` and `deleted` of the workflow whose id an expression gives. ?1 is the workspace. */
export function workflowName(id: string): string {
  return `coalesce(
      (SELECT w.name FROM workflows w WHERE w.workspace_id = ?1 AND w.id = ${id}),
      (SELECT d.name FROM deleted_workflows d WHERE d.workspace_id = ?1 AND d.id = ${id})) AS name,
    NOT EXISTS (SELECT 1 FROM workflows w WHERE w.workspace_id = ?1 AND w.id = ${id}) AS deleted`;
}

const ofKind = (kind: string, one: string, other = "''") =>
  `SELECT '${kind}' AS kind, ${one} AS one, ${other} AS other, ${SUMS} FROM picked AS r GROUP BY ${one}, ${other}`;

/** The rollups are read once, a row for each combination; the breakdowns are sums of those. */
const SQL = `WITH picked AS MATERIALIZED (
    SELECT r.workflow_id, r.provider, r.model, r.agent_role, sum(r.calls) AS calls, sum(r.unpriced_calls) AS unpriced_calls,
      sum(r.cost_nano_usd) AS cost_nano_usd, sum(r.input_tokens) AS input_tokens,
      sum(r.cached_input_tokens) AS cached_input_tokens, sum(r.cache_write_tokens) AS cache_write_tokens,
      sum(r.cache_write_1h_tokens) AS cache_write_1h_tokens, sum(r.output_tokens) AS output_tokens,
      sum(r.reasoning_tokens) AS reasoning_tokens
    ${FROM_CALLS} GROUP BY 1, 2, 3, 4),
  kinds AS (
    ${ofKind("workflow", "r.workflow_id")} UNION ALL ${ofKind("provider", "r.provider")}
    UNION ALL ${ofKind("model", "r.model", "r.provider")} UNION ALL ${ofKind("role", "r.agent_role")})
  SELECT kinds.*, ${workflowName("iif(kind = 'workflow', one, NULL)")} FROM kinds
  ORDER BY CAST(costNanoUsd AS INTEGER) DESC, calls DESC, one, other`;

const rowSchema = z
  .object({
    kind: z.enum(["workflow", "provider", "model", "role"]),
    one: z.string(),
    other: z.string(),
    name: z.string().nullable(),
    deleted: z.number(),
    ...sumsShape,
  })
  .transform(({ kind, one, other, name, deleted, ...sums }) => ({
    kind,
    one,
    other,
    name,
    deleted: deleted === 1,
    sums,
  }));

/** The statement whose result {@link breakdownOf} reads. */
export function selectBreakdown(ctx: Ctx, segments: readonly TaggedSegment[], filter: CallFilter): D1PreparedStatement {
  return callStatement(ctx, SQL, segments, filter);
}

export function breakdownOf(result: D1Result | undefined): Breakdown {
  const rows = z.array(rowSchema).parse(result?.results ?? []);
  const of = (wanted: string) => rows.filter(({ kind }) => kind === wanted);
  const providers = of("provider");
  return {
    total: addUp(providers.map(({ sums }) => sums)),
    byWorkflow: of("workflow").map(({ one, name, deleted, sums }) => ({ id: one, name, deleted, sums })),
    byProvider: providers.map(({ one, sums }) => ({ provider: one, sums })),
    byModel: of("model").map(({ one, other, sums }) => ({ provider: other, model: one, sums })),
    byRole: of("role").map(({ one, sums }) => ({ role: one, sums })),
  };
}

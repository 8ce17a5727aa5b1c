import { z } from "zod";
import type { Ctx } from "../db/context.ts";
import type { ExpensiveQuery, ExpensiveView } from "./analytics-inputs.ts";
import { rangeView, spentView } from "./analytics-views.ts";
import { workflowName } from "./read-breakdown.ts";
import { callStatement, FROM_CALLS, FROM_EXECUTIONS, SUMS, sumsShape } from "./rollup-statements.ts";
import { rangeOf } from "./rules/asked-range.ts";
import { coverRange } from "./rules/cover-range.ts";
import { costEach, costOfCalls, money } from "./rules/sums.ts";
import { readUnfolded } from "./unfolded.ts";

const SQL = `WITH dearest AS MATERIALIZED (
    SELECT r.workflow_id AS id, ${SUMS} ${FROM_CALLS} GROUP BY 1 ORDER BY sum(r.cost_nano_usd) DESC, sum(r.calls) DESC, 1
    LIMIT ?6),
  ended AS MATERIALIZED (
    SELECT r.workflow_id AS id, sum(r.succeeded) AS succeeded, sum(r.succeeded + r.failed + r.cancelled) AS executions
    ${FROM_EXECUTIONS} GROUP BY 1)
  SELECT dearest.*, coalesce(ended.executions, 0) AS executions, coalesce(ended.succeeded, 0) AS succeededExecutions,
    ${workflowName("dearest.id")}
  FROM dearest LEFT JOIN ended ON ended.id = dearest.id
  ORDER BY CAST(costNanoUsd AS INTEGER) DESC, calls DESC, dearest.id`;

const rowSchema = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    deleted: z.number(),
    executions: z.number(),
    succeededExecutions: z.number(),
    ...sumsShape,
  })
  .transform(({ id, name, deleted, executions, succeededExecutions, ...sums }) => ({
    workflow: { id, name, deleted: deleted === 1 },
    ended: { executions, succeededExecutions },
    sums,
  }));

/** The workflows whose calls cost the most in a range, the dearest first. Throws `invalid_fields` as {@link rangeOf} does. */
export async function readExpensiveWorkflows(ctx: Ctx, query: ExpensiveQuery): Promise<ExpensiveView> {
  const range = rangeOf(query, ctx.clock.now());
  const segments = coverRange(range, await readUnfolded(ctx)).map((segment) => ({ ...segment, tag: 0 }));
  const { results } = await callStatement(ctx, SQL, segments, query, query.limit).run();
  return {
    range: rangeView(range, query.timezone),
    items: z
      .array(rowSchema)
      .parse(results)
      .map(({ workflow, ended, sums }) => {
        const each = costEach(costOfCalls(sums), ended.succeededExecutions);
        return {
          ...workflow,
          ...spentView(sums),
          ...ended,
          costPerSuccessfulExecution: each === null ? null : money(each),
        };
      }),
  };
}

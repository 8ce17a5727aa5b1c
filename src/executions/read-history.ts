import { and, asc, eq, getTableColumns, sql } from "drizzle-orm";
import { z } from "zod";
import type { Ctx } from "../db/context.ts";
import type { ExecutionDetail } from "./inputs.ts";
import { executionDetail } from "./read-execution.ts";
import { executions, steps } from "./schema.ts";

const endedSchema = z.object({ workflow_id: z.string(), id: z.string(), bytes: z.number(), ended: z.number() });

/** An execution that has ended, and how much there is to read of it. */
export interface EndedExecution {
  id: string;
  workflowId: string;
  /** Of its input and outputs in UTF-8. Infinity when an output lies in R2. */
  bytes: number;
  /** How many executions of its workflow have ended. */
  ended: number;
}

/** The newest executions of each workflow that have ended, at most `most` of each: in the order asked for, newest first. */
export async function listEnded(ctx: Ctx, workflowIds: readonly string[], most: number): Promise<EndedExecution[]> {
  const { results } = await ctx.db.d1
    .prepare(
      `WITH ended AS (
         SELECT asked.key AS place, e.workflow_id, e.id, octet_length(e.input) AS bytes,
           row_number() OVER (PARTITION BY asked.key ORDER BY e.id DESC) AS nth, count(*) OVER (PARTITION BY asked.key) AS ended
         FROM json_each(?2) AS asked
         JOIN executions e INDEXED BY executions_by_workflow ON e.workspace_id = ?1 AND e.workflow_id = asked.value
         WHERE e.status IN ('succeeded', 'failed', 'cancelled'))
       SELECT workflow_id, id, ended, bytes + coalesce(
         (SELECT sum(coalesce(octet_length(output), 0) + CASE WHEN output_key IS NULL THEN 0 ELSE 1e15 END)
          FROM steps s WHERE s.execution_id = ended.id AND s.workspace_id = ?1), 0) AS bytes
       FROM ended WHERE nth <= ?3 ORDER BY place, nth`,
    )
    .bind(ctx.workspaceId, JSON.stringify(workflowIds), most)
    .run();
  return z
    .array(endedSchema)
    .parse(results)
    .map((row) => ({
      id: row.id,
      workflowId: row.workflow_id,
      bytes: row.bytes >= 1e15 ? Number.POSITIVE_INFINITY : row.bytes,
      ended: row.ended,
    }));
}

/** What a step's calls cost and how many there were. Columns by name: drizzle leaves the table out. */
const spent = sql<
  string | null
>`(SELECT json_object('costNanoUsd', sum(c.cost_nano_usd), 'inputTokens', sum(c.input_tokens),
    'outputTokens', sum(c.output_tokens)) FROM execution_costs c
  WHERE c.workspace_id = steps.workspace_id AND c.execution_id = steps.execution_id AND c.node_id = steps.node_id
  HAVING count(*) > 0)`.as("spent");
const tries = sql<number>`(SELECT count(*) FROM attempts a
  WHERE a.workspace_id = steps.workspace_id AND a.execution_id = steps.execution_id AND a.node_id = steps.node_id)`.as(
  "tries",
);
const spentSchema = z.object({ costNanoUsd: z.number().nullable(), inputTokens: z.number(), outputTokens: z.number() });

/**
 * Executions with their steps, whole, in any order: for histories, of which many are read together by two queries. The
 * caller sees to it that they fit into memory, and reads those that do not with `getExecution`.
 */
export async function readHistory(ctx: Ctx, executionIds: readonly string[]): Promise<ExecutionDetail[]> {
  const { orm } = ctx.db;
  const ids = JSON.stringify(executionIds);
  const [rows, stepRows] = await orm.batch([
    orm
      .select()
      .from(executions)
      .where(and(eq(executions.workspaceId, ctx.workspaceId), sql`id IN (SELECT value FROM json_each(${ids}))`)),
    orm
      .select({ ...getTableColumns(steps), spent, tries })
      .from(steps)
      .where(and(eq(steps.workspaceId, ctx.workspaceId), sql`execution_id IN (SELECT value FROM json_each(${ids}))`))
      .orderBy(asc(steps.position)),
  ]);
  const stepsOf = Map.groupBy(stepRows, ({ executionId }) => executionId);
  return rows.map((row) => {
    const own = stepsOf.get(row.id) ?? [];
    const outputs = own
      .filter(({ status }) => status === "succeeded")
      .map(({ nodeId, output }) => [nodeId, { text: output ?? "", truncated: false }] as const);
    return executionDetail(row, {
      stepRows: own,
      costs: own.flatMap(({ nodeId, spent }) =>
        spent === null ? [] : [{ nodeId, ...spentSchema.parse(JSON.parse(spent)) }],
      ),
      tries: own.map(({ nodeId, tries }) => ({ nodeId, count: tries })),
      outputs: new Map(outputs),
    });
  });
}

import { and, asc, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { executionCosts } from "../costs/schema.ts";
import type { Ctx } from "../db/context.ts";
import type { ExecutionDetail } from "./inputs.ts";
import { executionDetail } from "./read-execution.ts";
import { attempts, executions, steps } from "./schema.ts";

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

/**
 * Executions with their steps, whole, in any order: for histories, of which many are read together. The caller sees to
 * it that they fit into memory, and reads those that do not with `getExecution`.
 */
export async function readHistory(ctx: Ctx, executionIds: readonly string[]): Promise<ExecutionDetail[]> {
  const { orm } = ctx.db;
  const among = sql`execution_id IN (SELECT value FROM json_each(${JSON.stringify(executionIds)}))`;
  const [rows, stepRows, costs, tries] = await orm.batch([
    orm
      .select()
      .from(executions)
      .where(
        and(
          eq(executions.workspaceId, ctx.workspaceId),
          sql`id IN (SELECT value FROM json_each(${JSON.stringify(executionIds)}))`,
        ),
      ),
    orm
      .select()
      .from(steps)
      .where(and(eq(steps.workspaceId, ctx.workspaceId), among))
      .orderBy(asc(steps.position)),
    orm
      .select({
        executionId: executionCosts.executionId,
        nodeId: executionCosts.nodeId,
        costNanoUsd: sql<number | null>`sum(${executionCosts.costNanoUsd})`.as("cost"),
        inputTokens: sql<number>`sum(${executionCosts.inputTokens})`.as("input"),
        outputTokens: sql<number>`sum(${executionCosts.outputTokens})`.as("output"),
      })
      .from(executionCosts)
      .where(and(eq(executionCosts.workspaceId, ctx.workspaceId), among))
      .groupBy(executionCosts.executionId, executionCosts.nodeId),
    orm
      .select({ executionId: attempts.executionId, nodeId: attempts.nodeId, count: sql<number>`count(*)`.as("count") })
      .from(attempts)
      .where(and(eq(attempts.workspaceId, ctx.workspaceId), among))
      .groupBy(attempts.executionId, attempts.nodeId),
  ]);
  const [stepsOf, costsOf, triesOf] = [
    Map.groupBy(stepRows, ofExecution),
    Map.groupBy(costs, ofExecution),
    Map.groupBy(tries, ofExecution),
  ];
  return rows.map((row) => {
    const own = stepsOf.get(row.id) ?? [];
    const outputs = own
      .filter(({ status }) => status === "succeeded")
      .map(({ nodeId, output }) => [nodeId, { text: output ?? "", truncated: false }] as const);
    return executionDetail(row, {
      stepRows: own,
      costs: costsOf.get(row.id) ?? [],
      tries: triesOf.get(row.id) ?? [],
      outputs: new Map(outputs),
    });
  });
}

function ofExecution({ executionId }: { executionId: string }): string {
  return executionId;
}

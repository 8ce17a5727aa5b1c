import { z } from "zod";
import type { Ctx } from "../db/context.ts";

const sumSchema = z.object({ cost: z.number().nullable() });

/**
 * What the given steps cost where they really ran, in nano-USD: in the execution, or in the one whose result it had
 * taken over in its turn. Null when none of their calls has a price.
 */
export async function savedCost(ctx: Ctx, executionId: string, nodeIds: readonly string[]): Promise<number | null> {
  if (nodeIds.length === 0) return 0;
  const { results } = await ctx.db.d1
    .prepare(
      `WITH RECURSIVE chain (id) AS (
         SELECT ?2
         UNION
         SELECT e.retry_of FROM chain JOIN executions e ON e.workspace_id = ?1 AND e.id = chain.id WHERE e.retry_of IS NOT NULL
       )
       SELECT sum(c.cost_nano_usd) AS cost
       FROM chain
       JOIN steps s ON s.workspace_id = ?1 AND s.execution_id = chain.id AND s.status = 'succeeded' AND s.reused = 0
       JOIN execution_costs c ON c.workspace_id = ?1 AND c.execution_id = s.execution_id AND c.node_id = s.node_id
       WHERE s.node_id IN (SELECT value FROM json_each(?3))`,
    )
    .bind(ctx.workspaceId, executionId, JSON.stringify(nodeIds))
    .run();
  const [row] = z.array(sumSchema).parse(results);
  return row?.cost ?? null;
}

import type { Ctx } from "../db/context.ts";
import type { Engine } from "./engine.ts";
import { announceOutputs, missingObject, outputKey } from "./outputs.ts";

/** Copies at once. Each holds two of the six connections that an invocation may have open. */
const COPIES_AT_ONCE = 3;

/**
 * Copies the objects of reused steps, and answers the copies' keys by node: an object belongs to one execution and
 * goes with it.
 */
export async function copyOutputs(
  ctx: Ctx,
  engine: Pick<Engine, "db" | "clock" | "outputs">,
  executionId: string,
  keys: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const copies = [...keys].map(([nodeId, from]) => ({
    nodeId,
    from,
    to: outputKey(ctx.workspaceId, executionId, nodeId, 0),
  }));
  await announceOutputs(
    engine,
    copies.map(({ to }) => to),
  );
  for (let start = 0; start < copies.length; start += COPIES_AT_ONCE) {
    const several = copies.slice(start, start + COPIES_AT_ONCE);
    await Promise.all(
      several.map(async ({ from, to }) => {
        if (!(await engine.outputs.copy(from, to))) throw missingObject(from);
      }),
    );
  }
  return new Map(copies.map(({ nodeId, to }) => [nodeId, to]));
}

/**
 * The statement that takes over the outputs that stand in rows, behind the one that wrote the new steps. They never
 * leave the database: D1 binds 2 MB at most, and eight outputs may be more. Raises when a step to copy from is gone
 * meanwhile, rather than hand on an empty text.
 */
export function reuseInlineOutputs(ctx: Ctx, executionId: string, from: string): D1PreparedStatement {
  return ctx.db.d1
    .prepare(
      `UPDATE steps SET (output, guard) = (SELECT min(earlier.output), count(*) <> 1 FROM steps AS earlier
         WHERE earlier.workspace_id = ?1 AND earlier.execution_id = ?3 AND earlier.node_id = steps.node_id)
       WHERE workspace_id = ?1 AND execution_id = ?2 AND reused = 1 AND output_key IS NULL`,
    )
    .bind(ctx.workspaceId, executionId, from);
}

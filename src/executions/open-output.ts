import { and, eq } from "drizzle-orm";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import type { Engine } from "./engine.ts";
import { missingObject } from "./outputs.ts";
import { readExecution } from "./read-execution.ts";
import { steps } from "./schema.ts";

/**
 * The whole output of a step, however large, as UTF-8: its bytes as they come, or its text when it stands in the row.
 * Throws `execution_not_found`, `step_not_found`, and `output_not_found` for a step that has not succeeded.
 */
export async function openOutput(
  ctx: Ctx,
  engine: Pick<Engine, "outputs">,
  executionId: string,
  nodeId: string,
): Promise<{ nodeId: string; body: ReadableStream | string }> {
  const [row] = await ctx.db.orm
    .select({ nodeId: steps.nodeId, status: steps.status, output: steps.output, outputKey: steps.outputKey })
    .from(steps)
    .where(and(eq(steps.workspaceId, ctx.workspaceId), eq(steps.executionId, executionId), eq(steps.nodeId, nodeId)));
  if (!row) {
    await readExecution(ctx, executionId);
    throw new DomainError("step_not_found", "The execution has no step for this node. GET the execution to see them.");
  }
  if (row.status !== "succeeded") {
    throw new DomainError("output_not_found", `The step is ${row.status}: only a step that succeeded has an output.`);
  }
  if (row.outputKey === null) return { nodeId: row.nodeId, body: row.output ?? "" };
  const body = await engine.outputs.stream(row.outputKey);
  if (body === null) throw missingObject(row.outputKey);
  return { nodeId: row.nodeId, body };
}

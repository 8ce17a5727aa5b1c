import { z } from "zod";
import { isoTime, isoTimeOrNull } from "../core/clock.ts";
import { nanoUsdToDecimal } from "../core/money.ts";
import type { ExecutionView, JsonValue, StepView } from "./inputs.ts";
import type { executions, steps } from "./schema.ts";

/** An error as `executions` and `steps` hold it. */
export const storedErrorSchema = z.object({ code: z.string(), message: z.string() });

/** An input as `executions` holds it. Walked by hand: z.json() takes half a second for a megabyte. */
export const storedInputSchema = z.custom<JsonValue>(isJson, "is not JSON");

function isJson(value: unknown): boolean {
  const open = [value];
  for (let index = 0; index < open.length; index += 1) {
    const next = open[index];
    if (next === null || typeof next === "string" || typeof next === "boolean" || Number.isFinite(next)) continue;
    if (typeof next !== "object") return false;
    for (const member of Object.values(next)) open.push(member);
  }
  return true;
}

/** An execution as the API shows it. Its cost is null while no call has a price. */
export function executionView(row: typeof executions.$inferSelect): ExecutionView {
  const costNanoUsd = row.pricedCalls > 0 || row.unpricedCalls === 0 ? row.costNanoUsd : null;
  return {
    id: row.id,
    workflowId: row.workflowId,
    versionId: row.versionId,
    version: row.versionNumber,
    status: row.status,
    trigger: { type: row.triggerType, id: row.triggerId },
    retryOf: row.retryOf,
    reusedSteps: row.reusedSteps,
    imported: row.imported === 1,
    createdAt: isoTime(row.createdAt),
    startedAt: isoTimeOrNull(row.startedAt),
    completedAt: isoTimeOrNull(row.completedAt),
    durationMs: row.completedAt === null || row.startedAt === null ? null : row.completedAt - row.startedAt,
    inputTokens: row.inputTokens,
    outputTokens: row.outputTokens,
    ...cost(costNanoUsd),
    unpricedCalls: row.unpricedCalls,
  };
}

const edgeIdsSchema = z.array(z.string());

interface StepCosts {
  costNanoUsd: number | null;
  inputTokens: number;
  outputTokens: number;
}

/** A step as the API shows it, without its output. A step that called nobody cost nothing; one without a price, null. */
export function stepView(
  row: Omit<typeof steps.$inferSelect, "output">,
  spent: StepCosts | undefined,
  attempts: number,
): Omit<StepView, "output" | "outputTruncated"> {
  return {
    nodeId: row.nodeId,
    agentId: row.agentId,
    name: row.name,
    status: row.status,
    attempts,
    error: row.error === null ? null : storedErrorSchema.parse(JSON.parse(row.error)),
    provider: row.provider,
    model: row.model,
    fallbackUsed: row.fallbackUsed === 1,
    reused: row.reused === 1,
    edgesTaken:
      row.status !== "succeeded" || row.edgesTaken === null ? null : edgeIdsSchema.parse(JSON.parse(row.edgesTaken)),
    inputTokens: spent?.inputTokens ?? 0,
    outputTokens: spent?.outputTokens ?? 0,
    ...cost(spent === undefined ? 0 : spent.costNanoUsd),
    startedAt: isoTimeOrNull(row.startedAt),
    completedAt: isoTimeOrNull(row.completedAt),
  };
}

function cost(costNanoUsd: number | null): { costNanoUsd: number | null; costUsd: string | null } {
  return { costNanoUsd, costUsd: costNanoUsd === null ? null : nanoUsdToDecimal(costNanoUsd) };
}

import { z } from "zod";
import { retryTransient } from "../../db/transient.ts";
import type { Engine } from "../engine.ts";
import type { RunningExecution } from "./claim-step.ts";
import type { ClaimedStep } from "./claimed-step.ts";
import { firstRow } from "./rows.ts";

const failureSchema = z.object({ provider: z.string(), model: z.string(), error_kind: z.string() });

/** The error of a step whose time was over before its targets could be asked again; `null` when none was ever asked. */
export async function lastFailure(
  { db }: Engine,
  { workspaceId, executionId }: RunningExecution,
  { nodeId }: ClaimedStep,
): Promise<{ code: string; message: string } | null> {
  const read = db.d1
    .prepare(
      `SELECT provider, model, error_kind FROM attempts
       WHERE workspace_id = ?1 AND execution_id = ?2 AND node_id = ?3 AND error_kind IS NOT NULL
       ORDER BY fence DESC, attempt DESC LIMIT 1`,
    )
    .bind(workspaceId, executionId, nodeId);
  const last = firstRow(failureSchema, await retryTransient(() => read.run()));
  if (last === undefined) return null;
  const { provider, model, error_kind: kind } = last;
  const code = kind === "latency" ? "timeout" : kind;
  const message = `${provider} ${model} failed with ${kind} last, and the time for all of the agent's targets was over before one could be asked again. Raise deadlineMs, or add a fallback.`;
  return { code, message };
}

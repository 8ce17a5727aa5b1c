import { env } from "cloudflare:workers";
import { type LedgerEntry, recordCall } from "../../src/costs/index.ts";
import { openDb } from "../../src/db/client.ts";

/** A call that cost `costNanoUsd` (null: unpriced), everything else as given or made up. */
export function call(
  over: Partial<Omit<LedgerEntry, "usage">> & { costNanoUsd?: number | null; usage?: Partial<LedgerEntry["usage"]> },
): LedgerEntry {
  const { costNanoUsd = 100, usage, ...rest } = over;
  return {
    workspaceId: "ws",
    executionId: crypto.randomUUID(),
    nodeId: "a",
    fence: 1,
    attempt: 1,
    workflowId: "w1",
    versionId: "v1",
    agentId: "agent-a",
    agentRole: "writer",
    provider: "openai",
    modelAsked: "gpt-x",
    model: "gpt-x",
    usage: {
      inputTokens: 10,
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      cacheWrite1hTokens: 0,
      outputTokens: 5,
      reasoningTokens: 0,
      ...usage,
    },
    priced: costNanoUsd === null ? null : { costNanoUsd, price: { effectiveDate: "2025-01-01", input: 1, output: 1 } },
    at: Date.parse("2026-01-15T12:00:00Z"),
    ...rest,
  };
}

/** Writes calls into the ledger as the engine does. */
export async function record(...calls: LedgerEntry[]): Promise<void> {
  const db = openDb(env.DB);
  for (let from = 0; from < calls.length; from += 50) {
    await db.d1.batch(calls.slice(from, from + 50).map((each) => recordCall(db, each)));
  }
}

/** Makes an execution of a workflow end at a time (epoch ms), without running anything. */
export async function endExecution(
  workspaceId: string,
  workflowId: string,
  completedAt: number,
  status: "succeeded" | "failed" | "cancelled" = "succeeded",
): Promise<void> {
  const id = crypto.randomUUID();
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO executions (workspace_id, id, workflow_id, version_id, version_number, content_hash, status, trigger_type,
         input, created_at, deadline_at) VALUES (?1, ?2, ?3, 'v1', 1, 'hash', 'running', 'manual', 'null', 0, 0)`,
    ).bind(workspaceId, id, workflowId),
    env.DB.prepare("UPDATE executions SET status = ?3, completed_at = ?4 WHERE workspace_id = ?1 AND id = ?2").bind(
      workspaceId,
      id,
      status,
      completedAt,
    ),
  ]);
}

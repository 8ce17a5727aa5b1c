import type { Account } from "./accounts.ts";
import { call, record } from "./ledger.ts";

/** The query of a month in which {@link recordMarch} leaves five calls. */
export const MARCH = "startDate=2026-03-01&endDate=2026-03-31";

const at = (iso: string) => Date.parse(iso);

/**
 * Writes calls at the edges of March 2026 into a workspace's ledger, in UTC and in zones whose clocks change on the
 * 29th: two of a workflow that there is, the rest of one that is gone; one without a price, and one of April.
 */
export async function recordMarch({ workspaceId }: Account, workflowId: string): Promise<void> {
  const claude = { provider: "anthropic", model: "claude-x", agentRole: "editor" };
  const usage = {
    inputTokens: 1_000,
    cachedInputTokens: 300,
    cacheWriteTokens: 20,
    cacheWrite1hTokens: 1,
    outputTokens: 50,
    reasoningTokens: 9,
  };
  await record(
    call({ workspaceId, workflowId, costNanoUsd: 4_200_000, at: at("2026-03-01T00:00:00.000Z"), usage }),
    call({ workspaceId, workflowId, costNanoUsd: 1, at: at("2026-03-28T23:30:00Z"), ...claude }),
    call({ workspaceId, workflowId, costNanoUsd: 20, at: at("2026-03-29T21:59:59.999Z"), ...claude }),
    call({ workspaceId, workflowId: "gone", costNanoUsd: 300, at: at("2026-03-29T22:00:00Z"), ...claude }),
    call({
      workspaceId,
      workflowId: "gone",
      costNanoUsd: null,
      model: "new-model",
      at: at("2026-03-31T23:59:59.999Z"),
    }),
    call({ workspaceId, workflowId: "gone", costNanoUsd: 5_000, at: at("2026-04-01T00:00:00Z") }),
  );
}

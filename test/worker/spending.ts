import { env } from "cloudflare:workers";
import type { WrittenBudget } from "../../src/costs/budget-inputs.ts";
import { type CallKey, recordCall, type reserveBudgets } from "../../src/costs/index.ts";
import { openDb } from "../../src/db/client.ts";
import type { Account } from "./accounts.ts";

const USAGE = {
  ...{ inputTokens: 1, cachedInputTokens: 0, cacheWriteTokens: 0, cacheWrite1hTokens: 0 },
  ...{ outputTokens: 1, reasoningTokens: 0 },
};
const PRICE = { effectiveDate: "2020-01-01", input: 1, output: 1 };

/** Budgets of an account and what is spent of them, straight in the ledger. Both may be made later. */
export function spendingOf(account: () => Account, workflowId: () => string) {
  async function budget(over: object = {}): Promise<WrittenBudget> {
    const body = { period: "day", limitUsd: "0.0000001", ...over };
    const { status, body: made } = await account().send<WrittenBudget>("POST", "/api/budgets", body);
    if (status !== 201) throw new Error(`creating a budget answered ${status}: ${JSON.stringify(made)}`);
    return made;
  }

  /** An entry of the ledger, as the engine writes it. */
  function entry(key: CallKey, at: number, costNanoUsd: number | null, usage: typeof USAGE | null = USAGE) {
    return recordCall(openDb(env.DB), {
      ...{ ...key, at, workflowId: workflowId(), versionId: "v", agentId: "a", agentRole: "r" },
      ...{ provider: "openai", modelAsked: "m", model: "m", usage },
      priced: costNanoUsd === null ? null : { costNanoUsd, price: PRICE },
    });
  }

  async function budgetsApplying() {
    const { body } = await account().send<{ items: WrittenBudget[] }>("GET", "/api/budgets");
    return body.items.map(({ id, timezone, period, action }) => ({ id, timezone, period, action }));
  }

  function reservation(
    key: CallKey,
    at: number,
    amountNanoUsd: number,
    budgets: Parameters<typeof reserveBudgets>[1]["budgets"],
  ) {
    const { workspaceId } = account();
    return {
      ...key,
      workspaceId,
      workflowId: workflowId(),
      provider: "openai",
      model: "m",
      at,
      expiresAt: at + 1_000,
      amountNanoUsd,
      budgets,
    };
  }

  return { budget, budgetsApplying, entry, reservation };
}

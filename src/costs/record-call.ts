import type { Db } from "../db/client.ts";
import type { Price } from "./catalogue-model.ts";
import type { CallKey } from "./reserve-budget.ts";
import type { PriceBook } from "./rules/price-book.ts";
import { costOf } from "./rules/price-call.ts";

/** The tokens of a call: totals, with the parts that are priced apart. */
export interface TokenCounts {
  inputTokens: number;
  cachedInputTokens: number;
  cacheWriteTokens: number;
  cacheWrite1hTokens: number;
  outputTokens: number;
  reasoningTokens: number;
}

const NO_TOKENS: TokenCounts = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
};

/** One call that consumed tokens, or may have. (executionId, nodeId, fence, attempt) is its key: writing it twice changes nothing. */
export interface LedgerEntry {
  workspaceId: string;
  executionId: string;
  nodeId: string;
  fence: number;
  attempt: number;
  workflowId: string;
  versionId: string;
  agentId: string;
  agentRole: string;
  provider: string;
  modelAsked: string;
  model: string;
  /** `null` when no count came back though it may be billed: such a call is never priced. */
  usage: TokenCounts | null;
  /** What it cost and by which price; `null` while no price is known, which is not the same as nothing. */
  priced: PricedCall | null;
  at: number;
}

/** A cost in nano-USD, and the price that it was counted with: prices change, what was charged does not. */
export interface PricedCall {
  costNanoUsd: number;
  price: Price;
}

/**
 * The cost of a call by the price of the model that answered, at the time of the call. `null` for a model without a
 * known price, and for counts that contradict themselves: a made-up cost would be worse than none.
 */
export function priceCall(
  prices: PriceBook,
  call: { provider: string; model: string; usage: TokenCounts; at: number },
): PricedCall | null {
  const price = prices.priceAt(call.provider, call.model, call.at);
  if (price === null) return null;
  try {
    const costNanoUsd = costOf(price, call.usage);
    return costNanoUsd === null ? null : { costNanoUsd, price };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * The statement that writes a call into the ledger. After it `changes()` is 1 when the row is new and 0 when it was
 * there already: sums may move only in the first case.
 */
export function recordCall(db: Db, entry: LedgerEntry): D1PreparedStatement {
  const usage = entry.usage ?? NO_TOKENS;
  return db.d1
    .prepare(
      `INSERT INTO execution_costs (workspace_id, execution_id, node_id, fence, attempt, workflow_id, version_id, agent_id,
         agent_role, provider, model_asked, model, input_tokens, cached_input_tokens, cache_write_tokens,
         cache_write_1h_tokens, output_tokens, reasoning_tokens, cost_nano_usd, price, at, uncounted)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)
       ON CONFLICT DO NOTHING`,
    )
    .bind(
      entry.workspaceId,
      entry.executionId,
      entry.nodeId,
      entry.fence,
      entry.attempt,
      entry.workflowId,
      entry.versionId,
      entry.agentId,
      entry.agentRole,
      entry.provider,
      entry.modelAsked,
      entry.model,
      usage.inputTokens,
      usage.cachedInputTokens,
      usage.cacheWriteTokens,
      usage.cacheWrite1hTokens,
      usage.outputTokens,
      usage.reasoningTokens,
      entry.priced?.costNanoUsd ?? null,
      entry.priced === null ? null : JSON.stringify(entry.priced.price),
      entry.at,
      entry.usage === null ? 1 : 0,
    );
}

/**
 * The statement that removes a call's row from the ledger when its tokens were not known: more is known of it now, and
 * every sum forgets it. A row with tokens stays.
 */
export function forgetUncounted(db: Db, key: CallKey): D1PreparedStatement {
  return db.d1
    .prepare(
      `DELETE FROM execution_costs
       WHERE execution_id = ?1 AND node_id = ?2 AND fence = ?3 AND attempt = ?4 AND workspace_id = ?5 AND uncounted = 1`,
    )
    .bind(key.executionId, key.nodeId, key.fence, key.attempt, key.workspaceId);
}

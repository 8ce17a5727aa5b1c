import { errorText } from "../core/errors.ts";
import { releaseReservation, reserveBudgets, worstCaseCost } from "../costs/index.ts";
import { retryTransient } from "../db/transient.ts";
import type { PlannedCall, Purse } from "../providers/index.ts";
import type { Engine } from "./engine.ts";
import type { RunningExecution } from "./store/claim-step.ts";
import type { ClaimedStep } from "./store/claimed-step.ts";

/** What a call became of is written when its step ends: this long after its chain's deadline it surely was. */
const SETTLE_GRACE_MS = 2 * 60_000;

/** Who keeps watch over the budgets that a step's calls fall under; `undefined` when there are none. */
export function purseOf(engine: Engine, execution: RunningExecution, step: ClaimedStep): Purse | undefined {
  const { budgets, nodeId, fence } = step;
  if (budgets.length === 0) return undefined;
  const { workspaceId, workflowId, executionId } = execution;
  return {
    reserve: ({ attempt, provider, model, at, deadlineAt, ...call }) =>
      reserveBudgets(engine, {
        ...{ workspaceId, workflowId, executionId, nodeId, fence, attempt, provider, model, at, budgets },
        expiresAt: deadlineAt + SETTLE_GRACE_MS,
        amountNanoUsd: worstCaseOf(execution, { ...call, provider, model, at }),
      }),
    async release(attempt) {
      const key = { workspaceId, executionId, nodeId, fence, attempt };
      try {
        await retryTransient(() => releaseReservation(engine.db, key).run());
      } catch (error) {
        // What is not given back now counts as spent once it expires, and the call itself must not fail of it.
        engine.log.log("error", "Budgets", `a reservation was not given back: ${errorText(error)}`, { ...key });
      }
    },
  };
}

/** The most that a call can cost in nano-USD, a token for each byte of its request. `null` without a price. */
function worstCaseOf(
  { prices }: RunningExecution,
  { provider, model, at, request }: Pick<PlannedCall, "provider" | "model" | "at" | "request">,
): number | null {
  // With the names of its fields, which make up for the tokens that a provider sets around each message.
  const inputTokens = new TextEncoder().encode(JSON.stringify(request)).byteLength;
  try {
    return worstCaseCost(prices.priceAt(provider, model, at), { inputTokens, maxTokens: request.maxTokens });
  } catch (error) {
    // Beyond what can be counted: the ledger could not price such a call either.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

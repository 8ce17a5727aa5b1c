import { errorText } from "../core/errors.ts";
import { readBudgetsOf, releaseReservation, reserveBudgets, worstCaseCost } from "../costs/index.ts";
import { retryTransient } from "../db/transient.ts";
import type { PlannedCall, Purse } from "../providers/index.ts";
import type { Engine } from "./engine.ts";
import type { RunningExecution } from "./store/claim-step.ts";
import type { ClaimedStep } from "./store/claimed-step.ts";

/** What a call became of is written when its step ends: this long after its chain's deadline it surely was. */
const SETTLE_GRACE_MS = 2 * 60_000;

/** Money that others have reserved comes free when their calls end: it is asked for again after so long, at first. */
const FIRST_WAIT_MS = 3_000;
const LONGEST_WAIT_MS = 30_000;

/** Who keeps watch over the budgets that a step's calls fall under. */
export function purseOf(engine: Engine, execution: RunningExecution, step: ClaimedStep): Purse {
  const { nodeId, fence } = step;
  const { workspaceId, workflowId, executionId } = execution;
  const reserved = new Set<number>();
  return {
    async reserve({ attempt, provider, model, at, deadlineAt, ...call }) {
      // The first call follows its claim at once. By a later one somebody may have set a limit: that is not to wait for
      // the next step.
      const asClaimed = attempt === 1 || step.budgets.length > 0;
      const budgets = asClaimed ? step.budgets : await readBudgetsOf(engine.db, workspaceId, executionId);
      if (budgets.length === 0) return null;
      const refusal = await reserveBudgets(engine, {
        ...{ workspaceId, workflowId, executionId, nodeId, fence, attempt, provider, model, at, budgets },
        expiresAt: deadlineAt + SETTLE_GRACE_MS,
        amountNanoUsd: worstCaseOf(execution, { ...call, provider, model, at }),
      });
      if (refusal === null) reserved.add(attempt);
      return refusal?.passes ? { ...refusal, retryAt: engine.clock.now() + waitAfter(step) } : refusal;
    },
    async release(attempt) {
      if (!reserved.delete(attempt)) return;
      const key = { workspaceId, executionId, nodeId, fence, attempt };
      try {
        await retryTransient(() => releaseReservation(engine.db, key).run());
      } catch (error) {
        // What is not given back now counts as spent once it expires, and the call itself must not fail of it.
        engine.log.log("error", "CostTracker", `a reservation was not given back: ${errorText(error)}`, { ...key });
      }
    },
  };
}

/** Twice as long each time: a step that waits for minutes is not to be put back every few seconds. */
function waitAfter({ waitMs }: ClaimedStep): number {
  return Math.min(LONGEST_WAIT_MS, Math.max(FIRST_WAIT_MS, 2 * waitMs));
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

import { isoTime } from "../../core/clock.ts";
import { nanoUsdToDecimal } from "../../core/money.ts";
import type { Period } from "./budget-period.ts";

/** How a budget stands when a call asks for a part of it. Amounts in nano-USD, times in epoch milliseconds. */
export interface BudgetState {
  id: string;
  scope: "workspace" | "workflow";
  period: Period;
  timezone: string;
  action: "alert" | "block";
  limitNanoUsd: number;
  spentNanoUsd: number;
  reservedNanoUsd: number;
  periodStart: number;
  periodEnd: number;
}

/** A call that a budget does not let through. */
export interface BudgetRefusal {
  kind: "budget" | "unpriced";
  budgetId: string;
  /** For a person: what happened and what to do. */
  message: string;
  /** For the attempt's row: the numbers. */
  reason: string;
}

/** What is left of a budget, 0 when it is overdrawn. */
export function remainingOf(state: Pick<BudgetState, "limitNanoUsd" | "spentNanoUsd" | "reservedNanoUsd">): number {
  return Math.max(0, state.limitNanoUsd - state.spentNanoUsd - state.reservedNanoUsd);
}

/** The first budget that blocks and has not so much left, as a refusal; `null` when all have. */
export function refuseFor(states: readonly BudgetState[], amountNanoUsd: number): BudgetRefusal | null {
  const state = states.find((each) => each.action === "block" && !fits(each, amountNanoUsd));
  if (state === undefined) return null;
  const { id, limitNanoUsd, spentNanoUsd, reservedNanoUsd } = state;
  const [limit, spent, reserved] = [limitNanoUsd, spentNanoUsd, reservedNanoUsd].map(nanoUsdToDecimal);
  const worst = nanoUsdToDecimal(amountNanoUsd);
  const resets = isoTime(state.periodEnd);
  const everFits = amountNanoUsd <= limitNanoUsd;
  const wait = everFits ? ` or wait until ${resets}, when the budget begins anew,` : "";
  return {
    kind: "budget",
    budgetId: id,
    message:
      `The budget of the ${state.scope} (${limit} USD a ${state.period}) has ${nanoUsdToDecimal(remainingOf(state))} USD left, ` +
      `and this call could cost up to ${worst} USD. Nothing was sent. ` +
      `Raise the limit with PUT /api/budgets/${id}, lower the agent's maxTokens${everFits ? "," : ""}${wait} and retry the execution.`,
    reason: `refused by budget ${id}: limit ${limit} USD, spent ${spent}, reserved ${reserved}, this call up to ${worst}; resets at ${resets}`,
  };
}

/** The refusal of a call whose cost nobody can tell beforehand. */
export function refuseUnpriced(budgetId: string, provider: string, model: string): BudgetRefusal {
  return {
    kind: "unpriced",
    budgetId,
    message:
      `No price is known for ${provider} ${model}, and a budget blocks calls that could overdraw it. Nothing was sent. ` +
      `Set a price with PUT /api/pricing, choose a model that has one, or change the action of PUT /api/budgets/${budgetId} to alert, and retry the execution.`,
    reason: `refused by budget ${budgetId}: ${provider} ${model} has no price`,
  };
}

function fits({ limitNanoUsd, spentNanoUsd, reservedNanoUsd }: BudgetState, amountNanoUsd: number): boolean {
  return spentNanoUsd + reservedNanoUsd + amountNanoUsd <= limitNanoUsd;
}

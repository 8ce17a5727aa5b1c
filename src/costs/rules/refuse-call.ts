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
  /** Only reservations of calls under way stand in its way: some of it comes free when they end. */
  passes: boolean;
  /** For a person: what happened and what to do. */
  message: string;
  /** For the attempt's row: the numbers. */
  reason: string;
}

/** What is left of a budget, 0 when it is overdrawn. */
export function remainingOf(state: Pick<BudgetState, "limitNanoUsd" | "spentNanoUsd" | "reservedNanoUsd">): number {
  return Math.max(0, state.limitNanoUsd - state.spentNanoUsd - state.reservedNanoUsd);
}

/**
 * The first budget that blocks and has not so much left, as a refusal; `null` when all have. One whose money is spent
 * comes before one that is only reserved: waiting does not help against it.
 */
export function refuseFor(states: readonly BudgetState[], amountNanoUsd: number): BudgetRefusal | null {
  const refusing = states.filter((each) => each.action === "block" && !fits(each, amountNanoUsd));
  const spent = refusing.find((each) => !fits({ ...each, reservedNanoUsd: 0 }, amountNanoUsd));
  if (spent) return refuseSpent(spent, amountNanoUsd);
  const [reserved] = refusing;
  return reserved ? refuseReserved(reserved, amountNanoUsd) : null;
}

function refuseSpent(state: BudgetState, amountNanoUsd: number): BudgetRefusal {
  const { id, limitNanoUsd, spentNanoUsd, reservedNanoUsd } = state;
  const [limit, spent] = [limitNanoUsd, spentNanoUsd].map(nanoUsdToDecimal);
  const worst = nanoUsdToDecimal(amountNanoUsd);
  // What is reserved may come free: advice that counts it as gone would be wrong a moment later.
  const left = nanoUsdToDecimal(remainingOf({ limitNanoUsd, spentNanoUsd, reservedNanoUsd: 0 }));
  const resets = isoTime(state.periodEnd);
  const everFits = amountNanoUsd <= limitNanoUsd;
  const wait = everFits ? ` or wait until ${resets}, when the budget begins anew,` : "";
  return {
    kind: "budget",
    budgetId: id,
    passes: false,
    message:
      `The budget of the ${state.scope} (${limit} USD a ${state.period}) has ${left} USD left: ${spent} USD are spent, ` +
      `${nanoUsdToDecimal(reservedNanoUsd)} USD reserved by calls under way, and this call could cost up to ${worst} USD. Nothing was sent. ` +
      `Raise the limit with PUT /api/budgets/${id}, lower the agent's maxTokens${everFits ? "," : ""}${wait} and retry the execution.`,
    reason: `refused by budget ${id}: ${numbersOf(state, amountNanoUsd)}; resets at ${resets}`,
  };
}

function refuseReserved(state: BudgetState, amountNanoUsd: number): BudgetRefusal {
  const [limit, spent, reserved] = [state.limitNanoUsd, state.spentNanoUsd, state.reservedNanoUsd].map(
    nanoUsdToDecimal,
  );
  return {
    kind: "budget",
    budgetId: state.id,
    passes: true,
    message:
      `The budget of the ${state.scope} (${limit} USD a ${state.period}) has room only once other calls have ended: ` +
      `${spent} USD are spent, ${reserved} USD reserved by calls under way, and this call could cost up to ${nanoUsdToDecimal(amountNanoUsd)} USD. ` +
      `Nothing was sent. Retry the execution when they have ended, run fewer at once, or raise the limit with PUT /api/budgets/${state.id}.`,
    reason: `waits for budget ${state.id}: ${numbersOf(state, amountNanoUsd)}`,
  };
}

function numbersOf({ limitNanoUsd, spentNanoUsd, reservedNanoUsd }: BudgetState, amountNanoUsd: number): string {
  const [limit, spent, reserved] = [limitNanoUsd, spentNanoUsd, reservedNanoUsd].map(nanoUsdToDecimal);
  return `limit ${limit} USD, spent ${spent}, reserved ${reserved}, this call up to ${nanoUsdToDecimal(amountNanoUsd)}`;
}

/** The refusal of a call whose cost nobody can tell beforehand. */
export function refuseUnpriced(budgetId: string, provider: string, model: string): BudgetRefusal {
  return {
    kind: "unpriced",
    budgetId,
    passes: false,
    message:
      `No price is known for ${provider} ${model}, and a budget blocks calls that could overdraw it. Nothing was sent. ` +
      `Set a price with PUT /api/pricing, choose a model that has one, or change the action of PUT /api/budgets/${budgetId} to alert, and retry the execution.`,
    reason: `refused by budget ${budgetId}: ${provider} ${model} has no price`,
  };
}

function fits({ limitNanoUsd, spentNanoUsd, reservedNanoUsd }: BudgetState, amountNanoUsd: number): boolean {
  return spentNanoUsd + reservedNanoUsd + amountNanoUsd <= limitNanoUsd;
}

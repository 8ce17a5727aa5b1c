import { isoTime } from "../../core/clock.ts";
import { nanoUsdToDecimal } from "../../core/money.ts";
import type { Period } from "./budget-period.ts";

/** A threshold that a budget has reached in a period. */
export interface ReachedThreshold {
  budgetId: string;
  scope: "workspace" | "workflow";
  workflowId: string | null;
  period: Period;
  timezone: string;
  action: "alert" | "block";
  /** Per cent of the limit. */
  threshold: number;
  limitNanoUsd: number;
  /** When it was reached. */
  spentNanoUsd: number;
  periodStart: number;
  periodEnd: number;
  /** The call that was refused, in case it is that and no threshold. */
  refusal: RefusedCall | null;
}

interface RefusedCall {
  kind: string;
  message: string;
  workflowId: string;
  executionId: string;
  nodeId: string;
  /** The model without a price, where that was why. */
  provider?: string | undefined;
  model?: string | undefined;
}

/** What a person is told of it: what happened, what follows, and what to do. */
export function alertMessage(alert: ReachedThreshold): string {
  const { scope, period, threshold, budgetId } = alert;
  const [limit, spent] = [alert.limitNanoUsd, alert.spentNanoUsd].map(nanoUsdToDecimal);
  const until = isoTime(alert.periodEnd);
  const what = `The budget of the ${scope} (${limit} USD a ${period}) has reached ${threshold} %: ${spent} USD are spent.`;
  const change = `PUT /api/budgets/${budgetId} raises the limit; the budget begins anew at ${until}.`;
  if (alert.action === "alert") return `${what} Calls go on. ${change}`;
  return `${what} Calls that could pass the limit are refused until then. ${change}`;
}

/** The body of the webhook that tells of it. */
export function alertPayload(alert: ReachedThreshold, at: number): string {
  return JSON.stringify({
    type: alert.refusal === null ? "budget.alert" : "budget.refused",
    timestamp: isoTime(at),
    data: {
      budgetId: alert.budgetId,
      scope: alert.scope,
      workflowId: alert.workflowId,
      period: alert.period,
      timezone: alert.timezone,
      action: alert.action,
      ...(alert.refusal === null ? { threshold: alert.threshold } : { refusal: alert.refusal }),
      limitNanoUsd: alert.limitNanoUsd,
      limitUsd: nanoUsdToDecimal(alert.limitNanoUsd),
      spentNanoUsd: alert.spentNanoUsd,
      spentUsd: nanoUsdToDecimal(alert.spentNanoUsd),
      periodStart: isoTime(alert.periodStart),
      periodEnd: isoTime(alert.periodEnd),
    },
  });
}

import { isoTime } from "../core/clock.ts";
import type { Breakdown } from "./read-breakdown.ts";
import type { TimeRange } from "./rules/cover-range.ts";
import { costOfCalls, money, type Sums } from "./rules/sums.ts";

export function rangeView({ from, to }: TimeRange, timezone: string) {
  return { from: isoTime(from), to: isoTime(to), timezone };
}

export function amountView(sums: Sums) {
  return { ...money(costOfCalls(sums)), calls: sums.calls, unpricedCalls: sums.unpricedCalls };
}

export function spentView(sums: Sums) {
  return { ...amountView(sums), inputTokens: sums.inputTokens, outputTokens: sums.outputTokens };
}

export function tokensView({ costNanoUsd: _, unpricedCalls: __, ...tokens }: Sums) {
  return tokens;
}

/** The four breakdowns, with the sums of each entry as `view` shows them. */
export function dimensionViews<View>(
  { byWorkflow, byProvider, byModel, byRole }: Breakdown,
  view: (sums: Sums) => View,
) {
  return {
    byWorkflow: byWorkflow.map(({ sums, ...workflow }) => ({ ...workflow, ...view(sums) })),
    byProvider: byProvider.map(({ sums, provider }) => ({ provider, ...view(sums) })),
    byModel: byModel.map(({ sums, provider, model }) => ({ provider, model, ...view(sums) })),
    byRole: byRole.map(({ sums, role }) => ({ role, ...view(sums) })),
  };
}

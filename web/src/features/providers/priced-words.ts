import { formatMoney } from "../../lib/money.ts";
import { counted } from "../../lib/tokens.ts";

/** What repricing came to. */
export function pricedWords({ calls, costNanoUsd }: { calls: number; costNanoUsd: number }): string {
  return calls === 0
    ? "No call of the past could be priced: no price holds at the time when they were made."
    : `Priced ${counted(calls, "call")} of the past: ${formatMoney(costNanoUsd)} in all.`;
}

import { billingOf, type ChainCall } from "../providers/index.ts";
import type { Engine } from "./engine.ts";
import { priceOf } from "./store/calls.ts";
import type { RunningExecution } from "./store/claim-step.ts";

/** Tells the server's log of calls whose cost is not known, with what is missing: a price, or a count of tokens. */
export function tellUnpriced(
  { log }: Pick<Engine, "log">,
  execution: Pick<RunningExecution, "executionId" | "prices">,
  nodeId: string,
  calls: readonly ChainCall[],
): void {
  const { executionId } = execution;
  for (const call of calls) {
    if (billingOf(call) === "free" || priceOf(execution, call) !== null) continue;
    const { provider, model, answeredModel, attempt } = call;
    const why = call.usage === null ? "no count of its tokens came back" : "its model has no price";
    log.log("warn", "CostTracker", `a call stays unpriced: ${why}`, {
      executionId,
      nodeId,
      attempt,
      provider,
      model: answeredModel ?? model,
    });
  }
}

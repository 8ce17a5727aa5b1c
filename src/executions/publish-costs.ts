import { isoTime } from "../core/clock.ts";
import { billingOf, type ChainCall } from "../providers/index.ts";
import type { Engine } from "./engine.ts";
import { priceOf } from "./store/calls.ts";
import type { RunningExecution } from "./store/claim-step.ts";

/** Tells watchers what calls have cost that were written just now: those that used tokens, or may have. */
export function publishCosts(
  engine: Engine,
  execution: RunningExecution,
  nodeId: string,
  calls: readonly ChainCall[],
): void {
  const { workspaceId, executionId, workflowId } = execution;
  const at = isoTime(engine.clock.now());
  const events = calls.flatMap((call) => {
    if (billingOf(call) === "free") return [];
    const costNanoUsd = priceOf(execution, call)?.costNanoUsd ?? null;
    const model = call.answeredModel ?? call.model;
    return { type: "cost" as const, executionId, workflowId, nodeId, provider: call.provider, model, costNanoUsd, at };
  });
  engine.publish(workspaceId, events);
}

import type { Agent } from "../definitions/index.ts";
import type { Hop } from "../providers/index.ts";
import type { Engine } from "./engine.ts";
import { CALL_BUDGET_MS, INLINE_BUDGET_MS, QUERY_BUDGET } from "./limits.ts";
import { executionEvent, logEvents, stepEvent } from "./live-events.ts";
import type { StepMessage } from "./message.ts";
import { Outputs } from "./outputs.ts";
import { publishCosts } from "./publish-costs.ts";
import { publishStepEnd } from "./publish-step-end.ts";
import { runStep, type StepResult } from "./run-step.ts";
import { hopText, logOfResult } from "./step-log.ts";
import { claimStep, type RunningExecution } from "./store/claim-step.ts";
import type { ClaimedStep } from "./store/claimed-step.ts";
import { endStep } from "./store/end-step.ts";
import { putBack } from "./store/retry-step.ts";
import { writeStrayCalls } from "./store/stray-calls.ts";
import { tellUnpriced } from "./tell-unpriced.ts";
import { timeOut } from "./time-out.ts";

/**
 * Works on the step that a message names, and on what follows from it: the invocation that ends a step goes on with
 * one that became ready and sends messages for the others, until the chain ends or its time or queries run low.
 * Does nothing when the step is not there to be had: a message may come twice, late, or out of order.
 *
 * @param begunAt when the invocation began
 */
export async function advance(engine: Engine, message: StepMessage, begunAt: number): Promise<void> {
  const claim = await claimStep(engine, message);
  if (!claim.claimed) {
    // Come too early, by a clock that is behind: nobody else may be on the way with this message.
    if (claim.dueInMs !== null) await engine.send([message], Math.ceil(claim.dueInMs / 1_000));
    return;
  }
  const { execution } = claim;
  const outputs = new Outputs();
  if (claim.watched) {
    const now = engine.clock.now();
    const begins = claim.begins ? [executionEvent(execution, "running", now)] : [];
    engine.publish(execution.workspaceId, [...begins, stepEvent(execution, claim.step.nodeId, "running", now)]);
  }
  for (let step: ClaimedStep | undefined = claim.step; step !== undefined; ) {
    const agent = execution.loaded.graph.agentOf.get(step.nodeId);
    if (!agent) throw new Error(`node ${step.nodeId} of a live execution has no agent`);
    const result = await runStep(engine, execution, step, agent, outputs, begunAt + CALL_BUDGET_MS);
    step = await settle(engine, execution, step, agent, result, begunAt);
  }
}

/** Writes what became of a step, tells who needs to know, and answers the step to go on with. */
async function settle(
  engine: Engine,
  execution: RunningExecution,
  step: ClaimedStep,
  agent: Agent,
  result: StepResult,
  begunAt: number,
): Promise<ClaimedStep | undefined> {
  const { unwritten: calls, hops } = result;
  const log = logOfResult(engine.clock.now(), step, agent, result);
  tellHops(engine, execution, step, hops);
  switch (result.kind) {
    case "lost":
    case "out_of_time": {
      await writeStrayCalls(engine, execution, step, agent, calls, hops);
      if (result.kind === "out_of_time") await timeOut(engine, execution);
      return undefined;
    }
    case "again": {
      const { availableAt, usesRetry } = result;
      const back = await putBack(engine, { execution, step, agent, availableAt, usesRetry, calls, hops, log });
      if (!back.current) return undefined;
      tellUnpriced(engine, execution, step.nodeId, calls);
      const delaySeconds = Math.ceil((availableAt - engine.clock.now()) / 1_000);
      await engine.send([messageFor(execution, step.nodeId)], Math.max(0, delaySeconds));
      await engine.send(back.toSend.map((nodeId) => messageFor(execution, nodeId)));
      if (back.watched) {
        const ready = stepEvent(execution, step.nodeId, "ready", engine.clock.now());
        engine.publish(execution.workspaceId, [ready, ...logEvents(execution, log)]);
        publishCosts(engine, execution, step.nodeId, calls);
      }
      return undefined;
    }
    case "ended": {
      const goOn = engine.db.usage.queries < QUERY_BUDGET && engine.clock.now() - begunAt < INLINE_BUDGET_MS;
      const { outcome } = result;
      const end = { execution, step, agent, outcome, guard: "owner", calls, hops, log, goOn } as const;
      const ended = await endStep(engine, end);
      if (!ended.current) return undefined;
      if (ended.alerting) engine.background(engine.tellAlerts());
      await engine.send(ended.toSend.map((nodeId) => messageFor(execution, nodeId)));
      tellEnd(engine, execution, ended.executionStatus);
      tellUnpriced(engine, execution, step.nodeId, calls);
      publishStepEnd(engine, end, ended);
      return ended.next;
    }
  }
}

/** Each end is told, and a failure whatever is sampled. */
function tellEnd(engine: Engine, { executionId, workflowId }: RunningExecution, status: string | undefined) {
  if (status === undefined) return;
  engine.log.log(status === "failed" ? "info" : "debug", "Engine", `execution ${status}`, { executionId, workflowId });
}

/** Fallbacks are told on the server's log as well: whoever runs it looks there first when a provider fails. */
function tellHops(engine: Engine, { executionId }: RunningExecution, { nodeId }: ClaimedStep, hops: readonly Hop[]) {
  for (const hop of hops) {
    const { toProvider, toModel, reason, success } = hop;
    engine.log.log("warn", "Fallback", hopText(hop), { executionId, nodeId, toProvider, toModel, reason, success });
  }
}

export function messageFor(execution: { workspaceId: string; executionId: string }, nodeId: string): StepMessage {
  return { workspaceId: execution.workspaceId, executionId: execution.executionId, nodeId };
}

import { isoTime } from "../core/clock.ts";
import { retryTransient } from "../db/transient.ts";
import type { Agent } from "../definitions/index.ts";
import type { Engine } from "./engine.ts";
import { INLINE_BUDGET_MS, QUERY_BUDGET } from "./limits.ts";
import type { LiveEvent } from "./live-events.ts";
import type { StepMessage } from "./message.ts";
import { Outputs } from "./outputs.ts";
import { runStep, type StepResult } from "./run-step.ts";
import { logOfResult } from "./step-log.ts";
import { writeCall } from "./store/calls.ts";
import { claimStep, type RunningExecution } from "./store/claim-step.ts";
import type { ClaimedStep } from "./store/claimed-step.ts";
import { endStep } from "./store/end-step.ts";
import { putBack } from "./store/retry-step.ts";
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
  if (!claim.claimed) return;
  const { execution } = claim;
  const outputs = new Outputs();
  if (claim.watched) {
    const begins = claim.begins ? [executionEvent(engine, execution, "running")] : [];
    engine.publish(execution.workspaceId, [...begins, stepEvent(engine, execution, claim.step.nodeId, "running")]);
  }
  for (let step: ClaimedStep | undefined = claim.step; step !== undefined; ) {
    const agent = execution.loaded.graph.agentOf.get(step.nodeId);
    if (!agent) throw new Error(`node ${step.nodeId} of a live execution has no agent`);
    const result = await runStep(engine, execution, step, agent, outputs);
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
  const { calls } = result;
  const log = logOfResult(engine.clock.now(), step, agent, result);
  switch (result.kind) {
    case "lost":
    case "out_of_time": {
      const statements = calls.flatMap((call) => writeCall(engine.db, execution, step, agent, call));
      if (statements.length > 0) await retryTransient(() => engine.db.d1.batch(statements));
      if (result.kind === "out_of_time") await timeOut(engine, execution);
      return undefined;
    }
    case "again": {
      const back = await putBack(engine, { execution, step, agent, availableAt: result.availableAt, calls, log });
      if (!back.current) return undefined;
      const delaySeconds = Math.ceil((result.availableAt - engine.clock.now()) / 1_000);
      await engine.send([messageFor(execution, step.nodeId)], Math.max(0, delaySeconds));
      await engine.send(back.toSend.map((nodeId) => messageFor(execution, nodeId)));
      if (back.watched) engine.publish(execution.workspaceId, [stepEvent(engine, execution, step.nodeId, "ready")]);
      return undefined;
    }
    case "ended": {
      const goOn = engine.db.usage.queries < QUERY_BUDGET && engine.clock.now() - begunAt < INLINE_BUDGET_MS;
      const { outcome } = result;
      const ended = await endStep(engine, { execution, step, agent, outcome, guard: "owner", calls, log, goOn });
      if (!ended.current) return undefined;
      await engine.send(ended.toSend.map((nodeId) => messageFor(execution, nodeId)));
      if (ended.watched) {
        const events = [stepEvent(engine, execution, step.nodeId, outcome.status)];
        if (ended.next) events.push(stepEvent(engine, execution, ended.next.nodeId, "running"));
        if (ended.executionStatus) events.push(executionEvent(engine, execution, ended.executionStatus));
        engine.publish(execution.workspaceId, events);
      }
      return ended.next;
    }
  }
}

export function messageFor(execution: { workspaceId: string; executionId: string }, nodeId: string): StepMessage {
  return { workspaceId: execution.workspaceId, executionId: execution.executionId, nodeId };
}

function stepEvent(engine: Engine, execution: RunningExecution, nodeId: string, status: string): LiveEvent {
  return { type: "step", executionId: execution.executionId, nodeId, status, at: isoTime(engine.clock.now()) };
}

function executionEvent(engine: Engine, execution: RunningExecution, status: string): LiveEvent {
  const { executionId, workflowId } = execution;
  return { type: "execution", executionId, workflowId, status, at: isoTime(engine.clock.now()) };
}

import type { Engine } from "./engine.ts";
import { executionEvent, logEvents, stepEvent } from "./live-events.ts";
import { publishCosts } from "./publish-costs.ts";
import type { StepEnd, StepEnded } from "./store/end-step.ts";

/** Tells watchers what the end of a step has changed: the step, those behind it, and the execution when it is over. */
export function publishStepEnd(engine: Engine, end: StepEnd, ended: Extract<StepEnded, { current: true }>): void {
  if (!ended.watched) return;
  publishCosts(engine, end.execution, end.step.nodeId, end.calls);
  const { execution } = end;
  const now = engine.clock.now();
  const event = (nodeId: string, status: string) => stepEvent(execution, nodeId, status, now);
  engine.publish(execution.workspaceId, [
    event(end.step.nodeId, end.outcome.status),
    ...ended.skipped.map((nodeId) => event(nodeId, "skipped")),
    ...ended.toSend.map((nodeId) => event(nodeId, "ready")),
    ...(ended.next ? [event(ended.next.nodeId, "running")] : []),
    ...logEvents(execution, end.log),
    ...(ended.executionStatus ? [executionEvent(execution, ended.executionStatus, now)] : []),
  ]);
}

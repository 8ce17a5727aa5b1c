import type { LiveEvent } from "../../api/client.ts";
import type { ExecutionDetail, Step } from "./queries.ts";

const EXECUTION_STATUSES = ["queued", "running", "succeeded", "failed", "cancelled"] as const;
const STEP_STATUSES = ["pending", "ready", "running", "succeeded", "failed", "skipped", "cancelled"] as const;
const ENDS: ReadonlySet<string> = new Set(["succeeded", "failed", "skipped", "cancelled"]);

/**
 * An execution after an event: the states that it tells, at once. What came out and what it cost is not in events, and
 * follows when the execution is asked for again. The same object when the event tells nothing new of it.
 */
export function patched(execution: ExecutionDetail, event: LiveEvent): ExecutionDetail {
  if (event.type === "execution" && event.executionId === execution.id) {
    const status = EXECUTION_STATUSES.find((each) => each === event.status);
    // Events overtake each other on their way: what has ended stays so.
    if (status === undefined || status === execution.status || ENDS.has(execution.status)) return execution;
    return { ...execution, status, startedAt: startOf(execution, status, event.at) };
  }
  if (event.type === "step" && event.executionId === execution.id) {
    const status = STEP_STATUSES.find((each) => each === event.status);
    const before = execution.steps.find(({ nodeId }) => nodeId === event.nodeId);
    if (!before || status === undefined || status === before.status || ENDS.has(before.status)) return execution;
    const after: Step = {
      ...before,
      status,
      startedAt: startOf(before, status, event.at),
      completedAt: ENDS.has(status) ? event.at : before.completedAt,
    };
    return { ...execution, steps: execution.steps.map((step) => (step === before ? after : step)) };
  }
  return execution;
}

function startOf({ startedAt }: { startedAt: string | null }, status: string, at: string): string | null {
  return status === "running" ? (startedAt ?? at) : startedAt;
}

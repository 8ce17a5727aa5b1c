import { isoTime } from "../core/clock.ts";
import type { BudgetAlertEvent } from "../costs/index.ts";
import type { DraftEvent } from "../workflows/index.ts";

/** What watchers are told: ids, states and numbers, never prompts, inputs, outputs or log data. */
export type LiveEvent =
  | { type: "execution"; executionId: string; workflowId: string; status: string; at: string }
  | { type: "step"; executionId: string; nodeId: string; status: string; at: string }
  /** A line was written. What it says is read from the execution's log. */
  | { type: "log"; executionId: string; nodeId: string | null; level: string; at: string }
  /** A call was settled: what it cost in nano-USD, null while no price is known. */
  | {
      type: "cost";
      executionId: string;
      workflowId: string;
      nodeId: string;
      provider: string;
      model: string;
      costNanoUsd: number | null;
      at: string;
    }
  | BudgetAlertEvent
  | DraftEvent
  | { type: "breaker"; provider: string; state: string; at: string }
  /** A run of a schedule began or was left out, or the schedule was paused. */
  | { type: "schedule"; scheduleId: string; workflowId: string; status: string; executionId: string | null; at: string }
  /** A bulk export went on: how many of its workflows are in the file. */
  | { type: "export"; exportId: string; status: string; done: number; total: number; at: string }
  | { type: "webhook"; webhookId: string; workflowId: string; executionId: string | null; outcome: string; at: string };

interface ExecutionRef {
  executionId: string;
  workflowId: string;
}

export function executionEvent({ executionId, workflowId }: ExecutionRef, status: string, now: number): LiveEvent {
  return { type: "execution", executionId, workflowId, status, at: isoTime(now) };
}

export function stepEvent(
  { executionId }: Pick<ExecutionRef, "executionId">,
  nodeId: string,
  status: string,
  now: number,
): LiveEvent {
  return { type: "step", executionId, nodeId, status, at: isoTime(now) };
}

/** One event for each line, without what it says. */
export function logEvents(
  { executionId }: Pick<ExecutionRef, "executionId">,
  lines: readonly { at: number; level: string; nodeId: string | null }[],
): LiveEvent[] {
  return lines.map(({ at, level, nodeId }) => ({ type: "log", executionId, nodeId, level, at: isoTime(at) }));
}

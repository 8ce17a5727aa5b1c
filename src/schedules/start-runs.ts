import { errorText } from "../core/errors.ts";
import { type ManyStart, startMany } from "../executions/index.ts";
import { closed, publish, type RunToStart } from "./due-runs.ts";
import type { ClosedRun } from "./run-statements.ts";
import { gateOf } from "./start-gate.ts";
import type { Tick } from "./tick.ts";

interface Begun {
  /** Those that cannot be started as things are. */
  refused: ClosedRun[];
  /** Neither started nor refused: the budget did not reach for them, or a fault came between. */
  later: RunToStart[];
  /** Somebody else was first, or what they were to run changed meanwhile. */
  lost: RunToStart[];
}

/** Starts runs for the first time. A fault is logged, and leaves the runs to a later page. */
export async function startRuns(tick: Tick, runs: readonly RunToStart[]): Promise<Begun> {
  const begun: Begun = { refused: [], later: [], lost: [] };
  if (runs.length === 0) return begun;
  const { engine } = tick;
  const byExecution = new Map(runs.map((run) => [engine.ids.next(), run]));
  const starts = [...byExecution].map(([executionId, run]) => startOf(executionId, run));
  try {
    const outcomes = await startMany(engine, starts, gateOf(tick));
    for (const [executionId, run] of byExecution) {
      const outcome = outcomes.get(executionId);
      if (outcome === undefined) begun.later.push(run);
      else if (outcome.kind === "lost") begun.lost.push(run);
      else if (outcome.kind === "refused") begun.refused.push(closed(run, "failed", `Not started: ${outcome.message}`));
      else {
        tick.counts.started += 1;
        publish(tick, run, "started", executionId);
      }
    }
  } catch (error) {
    engine.log.log("error", "Scheduler", `runs were not started: ${errorText(error)}`, { runs: runs.length });
    return { refused: [], later: [...runs], lost: [] };
  }
  return begun;
}

function startOf(executionId: string, { row }: RunToStart): ManyStart {
  return {
    workspaceId: row.workspace_id,
    workflowId: row.workflow_id,
    executionId,
    pin: row.pin,
    trigger: { type: "schedule", id: row.schedule_id },
    input: row.input,
    claim: {
      scheduledFor: row.scheduled_for,
      attempt: row.attempt,
      beside: row.overlap === "allow" ? 1 : 0,
    },
  };
}

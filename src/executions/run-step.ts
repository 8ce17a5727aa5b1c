import type { Agent } from "../definitions/index.ts";
import type { ProviderError } from "../providers/index.ts";
import { outputsNeeded } from "./build-prompt.ts";
import { callAgent } from "./call-agent.ts";
import { decideEdges, outputsNeededByEdges } from "./decide-edges.ts";
import type { Engine } from "./engine.ts";
import { DEFAULT_STEP_RETRIES } from "./limits.ts";
import { type Outputs, storeOutput } from "./outputs.ts";
import { retryDelayMs } from "./rules/backoff.ts";
import { shouldRetry } from "./rules/retry-decision.ts";
import type { CallRecord } from "./store/calls.ts";
import type { RunningExecution } from "./store/claim-step.ts";
import type { ClaimedStep } from "./store/claimed-step.ts";
import type { StepOutcome } from "./store/end-step.ts";

/** What became of a step that was worked on. */
export type StepResult =
  | { kind: "ended"; outcome: StepOutcome; calls: CallRecord[] }
  | { kind: "again"; availableAt: number; error: ProviderError; calls: CallRecord[] }
  /** The execution's time is over. */
  | { kind: "out_of_time"; calls: CallRecord[] }
  /** The step was taken away meanwhile (cancelled, or given to somebody else). */
  | { kind: "lost"; calls: CallRecord[] };

/** Works on a claimed step: builds its prompt, asks its model, decides which edges are taken. Writes nothing but large outputs. */
export async function runStep(
  engine: Engine,
  execution: RunningExecution,
  step: ClaimedStep,
  agent: Agent,
  outputs: Outputs,
): Promise<StepResult> {
  const { graph } = execution.loaded;
  const needed = new Set([...outputsNeeded(graph, agent), ...outputsNeededByEdges(graph, step.nodeId)]);
  const given = { input: execution.input, outputs: await outputs.of(engine, execution, [...needed]) };

  const answer = await callAgent(engine, execution, step, agent, given);
  if (!answer.ok) {
    return "fault" in answer
      ? { kind: "ended", outcome: { status: "failed", error: answer.fault }, calls: answer.calls }
      : afterFailure(engine, execution, step, answer.error, answer.calls);
  }
  const { completion, provider, calls } = answer;
  const edges = decideEdges(graph, step.nodeId, completion.text, given);
  if (!edges.ok) {
    const message = `The condition of edge ${edges.edgeId} could not be evaluated: ${edges.message}`;
    return { kind: "ended", outcome: { status: "failed", error: { code: "condition_failed", message } }, calls };
  }
  outputs.remember(step.nodeId, completion.text);
  const output = await storeOutput(engine, execution, step, completion.text);
  const outcome = { status: "succeeded", output, edgesTaken: edges.taken, provider, model: completion.model } as const;
  return { kind: "ended", outcome, calls };
}

function afterFailure(
  engine: Engine,
  execution: RunningExecution,
  step: ClaimedStep,
  error: ProviderError,
  calls: CallRecord[],
): StepResult {
  if (error.kind === "cancelled") return { kind: "lost", calls };
  const now = engine.clock.now();
  if (now >= execution.deadlineAt) return { kind: "out_of_time", calls };
  const delayMs = retryDelayMs(step.retries, engine.random(), error.retryAfterMs);
  const maxRetries = execution.loaded.definition.settings.stepRetries ?? DEFAULT_STEP_RETRIES;
  const failure = {
    kind: error.kind,
    retries: step.retries,
    maxRetries,
    now,
    delayMs,
    deadlineAt: execution.deadlineAt,
  };
  if (shouldRetry(failure)) return { kind: "again", availableAt: now + delayMs, error, calls };
  return { kind: "ended", outcome: { status: "failed", error: { code: error.kind, message: error.message } }, calls };
}

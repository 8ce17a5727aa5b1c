import type { Agent } from "../definitions/index.ts";
import { type ChainCall, type ChainResult, type Hop, hopsOf, mayPass, ProviderError } from "../providers/index.ts";
import { outputsNeeded } from "./build-prompt.ts";
import { callAgent } from "./call-agent.ts";
import { decideEdges, outputsNeededByEdges } from "./decide-edges.ts";
import type { Engine } from "./engine.ts";
import { DEFAULT_STEP_RETRIES } from "./limits.ts";
import { OUTPUTS_TOO_LARGE, type Outputs, storeOutput } from "./outputs.ts";
import { retryDelayMs } from "./rules/backoff.ts";
import { shouldRetry } from "./rules/retry-decision.ts";
import type { RunningExecution } from "./store/claim-step.ts";
import type { ClaimedStep } from "./store/claimed-step.ts";
import type { StepOutcome } from "./store/end-step.ts";

/** The calls that were made for a step, and where they left one target for another. */
interface Work {
  calls: ChainCall[];
  hops: Hop[];
}

/** What became of a step that was worked on. */
export type StepResult = Work &
  (
    | { kind: "ended"; outcome: StepOutcome }
    | { kind: "again"; availableAt: number; error: ProviderError }
    /** The execution's time is over. */
    | { kind: "out_of_time" }
    /** The step was taken away meanwhile (cancelled, or given to somebody else). */
    | { kind: "lost" }
  );

/**
 * Works on a claimed step: builds its prompt, asks its models, decides which edges are taken. Writes nothing but large outputs.
 *
 * @param endBy when its calls must have ended, in epoch milliseconds
 */
export async function runStep(
  engine: Engine,
  execution: RunningExecution,
  step: ClaimedStep,
  agent: Agent,
  outputs: Outputs,
  endBy: number,
): Promise<StepResult> {
  const { graph } = execution.loaded;
  const needed = new Set([...outputsNeeded(graph, agent), ...outputsNeededByEdges(graph, step.nodeId)]);
  const found = await outputs.of(engine, execution, [...needed]);
  if (!found) return { kind: "ended", calls: [], hops: [], outcome: { status: "failed", error: OUTPUTS_TOO_LARGE } };
  const given = { input: execution.input, outputs: found };

  const answer = await callAgent(engine, execution, step, agent, given, endBy);
  if (answer.kind === "fault")
    return { kind: "ended", calls: [], hops: [], outcome: { status: "failed", error: answer.fault } };
  const { result, first } = answer;
  const work = { calls: result.calls, hops: hopsOf(first, result.calls, first.notCalled) };
  if (!result.ok) return afterFailure(engine, execution, step, result, work);

  const { completion, target } = result;
  const edges = decideEdges(graph, step.nodeId, completion.text, given);
  if (!edges.ok) {
    const message = `The condition of edge ${edges.edgeId} could not be evaluated: ${edges.message}`;
    return { kind: "ended", ...work, outcome: { status: "failed", error: { code: "condition_failed", message } } };
  }
  outputs.remember(step.nodeId, completion.text);
  const outcome = {
    status: "succeeded",
    output: await storeOutput(engine, execution, step, completion.text),
    edgesTaken: edges.taken,
    provider: target.provider,
    model: completion.model,
    fallbackUsed: target.provider !== first.provider || target.model !== first.model,
  } as const;
  return { kind: "ended", ...work, outcome };
}

function afterFailure(
  engine: Engine,
  execution: RunningExecution,
  step: ClaimedStep,
  { error, calls }: Extract<ChainResult, { ok: false }>,
  work: Work,
): StepResult {
  // Asking again would be refused again: a person has to act, or the period to end.
  if (!(error instanceof ProviderError)) {
    return {
      kind: "ended",
      ...work,
      outcome: { status: "failed", error: { code: error.kind, message: error.message } },
    };
  }
  if (error.kind === "cancelled") return { kind: "lost", ...work };
  const now = engine.clock.now();
  if (now >= execution.deadlineAt) return { kind: "out_of_time", ...work };
  // One target that may come back is reason enough to run the chain again, even if another refused for good.
  const passing = calls.findLast((call) => call.errorKind !== null && mayPass(call.errorKind));
  const delayMs = retryDelayMs(step.retries, engine.random(), error.retryAfterMs);
  const maxRetries = execution.loaded.definition.settings.stepRetries ?? DEFAULT_STEP_RETRIES;
  const failure = {
    passing: passing !== undefined,
    retries: step.retries,
    maxRetries,
    now,
    delayMs,
    deadlineAt: execution.deadlineAt,
  };
  if (shouldRetry(failure)) return { kind: "again", ...work, availableAt: now + delayMs, error };
  const targets = new Set(calls.map((call) => `${call.provider} ${call.model}`));
  const last = calls.at(-1);
  const message =
    targets.size > 1 && last
      ? `All ${targets.size} targets failed, ${last.provider} ${last.model} last: ${error.message}`
      : error.message;
  return { kind: "ended", ...work, outcome: { status: "failed", error: { code: error.kind, message } } };
}

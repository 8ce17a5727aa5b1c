import type { Agent } from "../definitions/index.ts";
import {
  type ChainCall,
  type ChainRefusal,
  type ChainResult,
  type Hop,
  hopsOf,
  type ProviderError,
} from "../providers/index.ts";
import { type KnowledgeUsed, NO_KNOWLEDGE, takeLessons } from "./agent-knowledge.ts";
import { outputsNeeded } from "./build-prompt.ts";
import { callAgent } from "./call-agent.ts";
import { chainEndsAt } from "./chain-deadline.ts";
import { decideEdges, outputsNeededByEdges } from "./decide-edges.ts";
import type { Engine } from "./engine.ts";
import { DEFAULT_STEP_RETRIES } from "./limits.ts";
import { OUTPUTS_TOO_LARGE, type Outputs, storeOutput } from "./outputs.ts";
import { whenAgain } from "./rules/retry-decision.ts";
import type { RunningExecution } from "./store/claim-step.ts";
import { type ClaimedStep, waitsOf } from "./store/claimed-step.ts";
import type { StepOutcome } from "./store/end-step.ts";
import { lastFailure } from "./store/last-failure.ts";
import { writeStrayCalls } from "./store/stray-calls.ts";

/** The calls that were made for a step, and where they left one target for another. */
interface Work {
  calls: ChainCall[];
  /** Those of the calls that still have to be written: mostly the last one. */
  unwritten: ChainCall[];
  hops: Hop[];
  knowledge: KnowledgeUsed;
}

const NO_WORK: Work = { calls: [], unwritten: [], hops: [], knowledge: NO_KNOWLEDGE };

/** What became of a step that was worked on. */
export type StepResult = Work &
  (
    | { kind: "ended"; outcome: StepOutcome }
    | { kind: "again"; availableAt: number; usesRetry: boolean; error: ProviderError | ChainRefusal }
    /** The execution's time is over. */
    | { kind: "out_of_time" }
    /** The step was taken away meanwhile (cancelled, or given to somebody else). */
    | { kind: "lost" }
  );

/**
 * Works on a claimed step: builds its prompt, asks its models, decides which edges are taken. Writes nothing but
 * large outputs, and calls that others follow. When it throws, the calls that it made are written.
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
  if (!found) return { kind: "ended", ...NO_WORK, outcome: { status: "failed", error: OUTPUTS_TOO_LARGE } };
  const given = { input: execution.input, outputs: found };

  const answer = await callAgent(engine, execution, step, agent, given, endBy);
  if (answer.kind === "fault") {
    return { kind: "ended", ...NO_WORK, outcome: { status: "failed", error: answer.fault } };
  }
  const { result, unwritten, first, given: givenIds } = answer;
  const { calls } = result;
  const hops = hopsOf(first, calls, first.notCalled);
  const work = { calls, unwritten, hops, knowledge: { ...NO_KNOWLEDGE, given: givenIds } };
  if (!result.ok) return afterFailure(engine, execution, step, agent, result, work);

  const { completion, target } = result;
  const { text, learned, faults } = await takeLessons(engine, execution, step, agent, completion.text);
  work.knowledge = { given: givenIds, offered: learned.length, faults };
  const edges = decideEdges(graph, step.nodeId, text, given);
  if (!edges.ok) {
    const message = `The condition of edge ${edges.edgeId} could not be evaluated: ${edges.message}`;
    return { kind: "ended", ...work, outcome: { status: "failed", error: { code: "condition_failed", message } } };
  }
  outputs.remember(step.nodeId, text);
  const outcome = {
    status: "succeeded",
    output: await storePaid(engine, execution, step, agent, text, work),
    learned,
    edgesTaken: edges.taken,
    provider: target.provider,
    model: completion.model,
    fallbackUsed: target.provider !== first.provider || target.model !== first.model,
  } as const;
  return { kind: "ended", ...work, outcome };
}

/** Stores an answer. Where that fails it is lost, and what it cost must not be: it is written before this throws. */
async function storePaid(
  engine: Engine,
  execution: RunningExecution,
  step: ClaimedStep,
  agent: Agent,
  text: string,
  { unwritten, hops }: Work,
) {
  try {
    return await storeOutput(engine, execution, step, text);
  } catch (error) {
    await writeStrayCalls(engine, execution, step, agent, unwritten, hops);
    throw error;
  }
}

async function afterFailure(
  engine: Engine,
  execution: RunningExecution,
  step: ClaimedStep,
  agent: Agent,
  { error, calls, retryAt, untriedAt }: Extract<ChainResult, { ok: false }>,
  work: Work,
): Promise<StepResult> {
  if (error.kind === "cancelled") return { kind: "lost", ...work };
  const now = engine.clock.now();
  if (now >= execution.deadlineAt) return { kind: "out_of_time", ...work };
  // One target that may come back is reason enough to run the chain again, even if another refused for good.
  const again = whenAgain({
    retries: step.retries,
    maxRetries: execution.loaded.definition.settings.stepRetries ?? DEFAULT_STEP_RETRIES,
    called: calls.length > 0,
    limited: calls.every(({ errorKind }) => errorKind === "rate_limit"),
    // Who waits for money has a wait of its own that grows.
    waits: error.kind === "budget" ? 0 : waitsOf(step),
    retryAt,
    untriedAt,
    now,
    deadlineAt: Math.min(execution.deadlineAt, chainEndsAt(step, agent)),
    random: engine.random(),
  });
  if (again !== null) return { kind: "again", ...work, ...again, error };
  if (calls.length === 0 && error.kind === "timeout") {
    // That the time was over before anybody was asked again must not hide what it went for.
    const before = await lastFailure(engine, execution, step);
    if (before !== null) return { kind: "ended", ...work, outcome: { status: "failed", error: before } };
  }
  const targets = new Set(calls.map((call) => `${call.provider} ${call.model}`));
  const last = calls.at(-1);
  const message =
    targets.size > 1 && last
      ? `All ${targets.size} targets failed, ${last.provider} ${last.model} last: ${error.message}`
      : error.message;
  return { kind: "ended", ...work, outcome: { status: "failed", error: { code: error.kind, message } } };
}

import { DomainError, errorText } from "../core/errors.ts";
import { type Agent, TemplateTooLarge } from "../definitions/index.ts";
import {
  type ChainCall,
  type ChainPorts,
  type ChainResult,
  type ChainTarget,
  type CompletionRequest,
  type NotCalled,
  PROVIDERS,
  type ProviderName,
  p50Of,
  planAgent,
  runChain,
  settingNameOf,
} from "../providers/index.ts";
import { instructionsOf, knowledgeFor } from "./agent-knowledge.ts";
import { buildPrompt, type StepInputs } from "./build-prompt.ts";
import { chainEndsAt } from "./chain-deadline.ts";
import type { Engine } from "./engine.ts";
import { DEFAULT_ATTEMPT_TIMEOUT_MS, HEARTBEAT_MS } from "./limits.ts";
import { purseOf } from "./purse.ts";
import type { RunningExecution } from "./store/claim-step.ts";
import type { ClaimedStep } from "./store/claimed-step.ts";
import { renewLease } from "./store/renew-lease.ts";
import { writeStrayCalls } from "./store/stray-calls.ts";

/** When an agent's next target is tried, unless the agent says otherwise. */
const DEFAULT_CONDITIONS = { error: true, rateLimit: true, timeout: true, statusCodes: [] };

/** The target that comes first by the agent's policy, and why it was passed over in case it is not called. */
interface FirstTarget {
  provider: ProviderName;
  model: string;
  notCalled: NotCalled;
}

export type AgentAnswer =
  | {
      kind: "chain";
      result: ChainResult;
      /** Those of its calls that were not written yet. */
      unwritten: ChainCall[];
      first: FirstTarget;
      /** The ids of the knowledge entries that stood in its prompt. */
      given: readonly string[];
    }
  /** Nothing was sent: what is wrong lies with us or the settings. */
  | { kind: "fault"; fault: { code: string; message: string } };

/** Asks an agent's targets one after another until one answers, and keeps the step's lease while it waits. */
export async function callAgent(
  engine: Engine,
  execution: RunningExecution,
  step: ClaimedStep,
  agent: Agent,
  given: StepInputs,
  endBy: number,
): Promise<AgentAnswer> {
  let prompt: string;
  try {
    prompt = buildPrompt(execution.loaded.graph, agent, given);
  } catch (error) {
    if (!(error instanceof TemplateTooLarge)) throw error;
    return { kind: "fault", fault: { code: "prompt_too_large", message: error.message } };
  }
  const known = await knowledgeFor(engine, execution, agent, prompt);
  const request = requestOf(agent, `${known.text}${prompt}`);
  let route: Route;
  try {
    route = await routeOf(engine, execution, step, agent, request);
  } catch (error) {
    // A key that became unusable just now: the step fails and says so, and is not delivered again.
    if (!(error instanceof DomainError)) throw error;
    return { kind: "fault", fault: { code: error.code, message: error.message } };
  }
  const { targets, first, keyFault } = route;
  if (targets.length === 0 || first === undefined) return { kind: "fault", fault: noTarget(agent, keyFault) };

  const written = new Set<number>();
  const lost = new AbortController();
  const stopHeartbeat = engine.every(HEARTBEAT_MS, () => heartbeat(engine, execution, step, lost));
  try {
    const result = await runChain(
      portsOf(engine, execution, step, agent, written),
      targets,
      request,
      policyOf(execution, step, agent, endBy),
      lost.signal,
    );
    const unwritten = result.calls.filter(({ attempt }) => !written.has(attempt));
    return { kind: "chain", result, unwritten, first, given: known.ids };
  } finally {
    stopHeartbeat();
  }
}

function requestOf(agent: Agent, prompt: string): CompletionRequest {
  return {
    model: agent.model,
    system: instructionsOf(agent),
    prompt,
    temperature: agent.temperature,
    maxTokens: agent.maxTokens,
    topP: agent.topP ?? null,
    stopSequences: agent.stopSequences ?? [],
  };
}

interface Route {
  targets: ChainTarget[];
  first: FirstTarget | undefined;
  /** Why the stored key of the agent's own provider cannot be used, in case it cannot. */
  keyFault: string | null;
}

/** The targets that can be called, in order. The draw of a balanced agent is the step's own, whoever works on it. */
async function routeOf(
  engine: Engine,
  execution: RunningExecution,
  step: ClaimedStep,
  agent: Agent,
  request: CompletionRequest,
): Promise<Route> {
  const { workspaceId, executionId } = execution;
  const { targets: planned, first } = await planAgent(
    {
      keyOf: (provider) => engine.providerKey(workspaceId, provider),
      p50Of: (credential, { provider, model }) => p50Of(engine.breakers, { workspaceId, provider, credential }, model),
      prices: execution.prices,
      now: engine.clock.now(),
    },
    agent,
    { promptLength: request.prompt.length + (request.system?.length ?? 0), seed: `${executionId}/${step.nodeId}` },
  );
  const targets: ChainTarget[] = [];
  for (const { eligible, provider, model, reason, contextWindow } of planned) {
    const key = eligible ? await engine.providerKey(workspaceId, provider) : null;
    if (key === null) continue;
    const again = step.retries === 0 ? "" : `; run ${step.retries + 1} of the step`;
    targets.push({ provider, model, contextWindow, key, reason: `${reason}${again}` });
  }
  return {
    targets,
    first: first && { ...first, notCalled: first.configured ? "breaker_open" : "not_configured" },
    keyFault: planned.find(({ provider }) => provider === agent.provider)?.keyFault ?? null,
  };
}

function policyOf(execution: RunningExecution, step: ClaimedStep, agent: Agent, endBy: number) {
  return {
    on: agent.fallback?.on ?? DEFAULT_CONDITIONS,
    retries: agent.fallback?.retries ?? 0,
    attemptTimeoutMs: agent.fallback?.attemptTimeoutMs ?? DEFAULT_ATTEMPT_TIMEOUT_MS,
    deadlineAt: Math.min(execution.deadlineAt, chainEndsAt(step, agent), endBy),
    waitedMs: step.waitMs,
  };
}

/** @param written gathers the numbers of the calls that are written while the chain goes on */
function portsOf(
  engine: Engine,
  execution: RunningExecution,
  step: ClaimedStep,
  agent: Agent,
  written: Set<number>,
): ChainPorts {
  const unheard = (level: "warn" | "error", message: string, error: unknown) => {
    const { executionId } = execution;
    engine.log.log(level, "Engine", `${message}: ${errorText(error)}`, { executionId, nodeId: step.nodeId });
  };
  return {
    workspaceId: execution.workspaceId,
    clock: engine.clock,
    breakers: engine.breakers,
    complete: engine.complete,
    sleep: engine.sleep,
    background: engine.background,
    purse: purseOf(engine, execution, step),
    onCall: async (call) => {
      if (written.has(call.attempt)) return;
      try {
        await writeStrayCalls(engine, execution, step, agent, [call], []);
        written.add(call.attempt);
      } catch (error) {
        unheard("warn", "a call is written with the end of its step only", error);
      }
    },
    onLate: async (call) => {
      // Nobody waits for this any more, so that a fault would go unheard.
      try {
        await writeStrayCalls(engine, execution, step, agent, [call], []);
        // Heard of before its giving up was written: that must not come after, as if nothing were known.
        written.add(call.attempt);
        if (step.budgets.length > 0) await engine.tellAlerts();
      } catch (error) {
        unheard("error", "a late call was paid for and could not be written", error);
      }
    },
  };
}

/** A heartbeat that cannot be written is not a reason to give a paid call up: the lease outlives several. */
async function heartbeat(
  engine: Engine,
  execution: RunningExecution,
  step: ClaimedStep,
  lost: AbortController,
): Promise<void> {
  try {
    if (!(await renewLease(engine, execution, step))) lost.abort();
  } catch (error) {
    const { executionId } = execution;
    engine.log.log("warn", "Engine", `heartbeat failed: ${errorText(error)}`, { executionId, nodeId: step.nodeId });
  }
}

function noTarget(agent: Agent, keyFault: string | null): { code: string; message: string } {
  if (keyFault !== null) return { code: "credential_unusable", message: keyFault };
  const provider = PROVIDERS.find((name) => name === agent.provider);
  const message = provider
    ? `No key is set for ${provider}, nor for a fallback. Store one with PUT /api/credentials/${provider} or set ${settingNameOf(provider)}, and retry the execution.`
    : `There is no provider ${agent.provider}. Choose another for agent ${agent.name}, and retry with the new version.`;
  return { code: "provider_not_configured", message };
}

import { DomainError, errorText } from "../core/errors.ts";
import { type Agent, TemplateTooLarge } from "../definitions/index.ts";
import {
  type Completion,
  PROVIDERS,
  ProviderError,
  type ProviderKey,
  type ProviderName,
  settingNameOf,
} from "../providers/index.ts";
import { buildPrompt, type StepInputs } from "./build-prompt.ts";
import type { Engine } from "./engine.ts";
import { DEFAULT_ATTEMPT_TIMEOUT_MS, HEARTBEAT_MS } from "./limits.ts";
import type { CallRecord } from "./store/calls.ts";
import type { RunningExecution } from "./store/claim-step.ts";
import type { ClaimedStep } from "./store/claimed-step.ts";
import { renewLease } from "./store/renew-lease.ts";

export type AgentAnswer =
  | { ok: true; completion: Completion; provider: ProviderName; calls: CallRecord[] }
  | { ok: false; error: ProviderError; calls: CallRecord[] }
  /** Nothing was sent: what is wrong lies with us or the settings. */
  | { ok: false; fault: { code: string; message: string }; calls: [] };

/** Asks an agent's model, once, and keeps the step's lease while it waits. */
export async function callAgent(
  engine: Engine,
  execution: RunningExecution,
  step: ClaimedStep,
  agent: Agent,
  given: StepInputs,
): Promise<AgentAnswer> {
  const provider = PROVIDERS.find((name) => name === agent.provider);
  let key: ProviderKey | null;
  try {
    key = provider ? await engine.providerKey(execution.workspaceId, provider) : null;
  } catch (error) {
    // A stored key that cannot be used will not mend itself: the step fails and says so, and is not delivered again.
    if (!(error instanceof DomainError)) throw error;
    return { ok: false, fault: { code: error.code, message: error.message }, calls: [] };
  }
  if (!provider || !key) return { ok: false, fault: notConfigured(agent, provider), calls: [] };
  let prompt: string;
  try {
    prompt = buildPrompt(execution.loaded.graph, agent, given);
  } catch (error) {
    if (!(error instanceof TemplateTooLarge)) throw error;
    return { ok: false, fault: { code: "prompt_too_large", message: error.message }, calls: [] };
  }
  return send(engine, execution, step, agent, { provider, key, prompt });
}

async function send(
  engine: Engine,
  execution: RunningExecution,
  step: ClaimedStep,
  agent: Agent,
  target: { provider: ProviderName; key: ProviderKey; prompt: string },
): Promise<AgentAnswer> {
  const { provider, key, prompt } = target;
  const at = engine.clock.now();
  const lost = new AbortController();
  const stopHeartbeat = engine.every(HEARTBEAT_MS, () => heartbeat(engine, execution, step, lost));
  const record = (
    facts: Pick<CallRecord, "answeredModel" | "errorKind" | "httpStatus" | "latencyMs" | "usage">,
  ): CallRecord => ({
    attempt: 1,
    provider,
    model: agent.model,
    waitMs: step.waitMs,
    reason: step.retries === 0 ? "the agent's own model" : `retry ${step.retries} of the agent's own model`,
    at,
    ...facts,
  });
  try {
    const completion = await engine.complete(
      provider,
      {
        model: agent.model,
        system: agent.systemPrompt === undefined || agent.systemPrompt === "" ? null : agent.systemPrompt,
        prompt,
        temperature: agent.temperature,
        maxTokens: agent.maxTokens,
        topP: agent.topP ?? null,
        stopSequences: agent.stopSequences ?? [],
      },
      {
        ...key,
        signal: lost.signal,
        timeoutMs: Math.max(
          1,
          Math.min(agent.fallback?.attemptTimeoutMs ?? DEFAULT_ATTEMPT_TIMEOUT_MS, execution.deadlineAt - at),
        ),
        clock: engine.clock,
      },
    );
    const { model: answeredModel, usage, latencyMs } = completion;
    return {
      ok: true,
      completion,
      provider,
      calls: [record({ answeredModel, usage, latencyMs, errorKind: null, httpStatus: 200 })],
    };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const { kind: errorKind, httpStatus, usage, model: answeredModel, latencyMs } = error;
    return { ok: false, error, calls: [record({ answeredModel, usage, latencyMs, errorKind, httpStatus })] };
  } finally {
    stopHeartbeat();
  }
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
    engine.log.log("warn", "Executions", `heartbeat failed: ${errorText(error)}`, { executionId, nodeId: step.nodeId });
  }
}

function notConfigured(agent: Agent, provider: ProviderName | undefined): { code: string; message: string } {
  const message = provider
    ? `No key is set for ${provider}. Store one with PUT /api/credentials/${provider} or set ${settingNameOf(provider)}, and retry the execution.`
    : `There is no provider ${agent.provider}. Choose another for agent ${agent.name}, and retry with the new version.`;
  return { code: "provider_not_configured", message };
}

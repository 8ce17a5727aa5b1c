import { DomainError } from "../core/errors.ts";
import { sha256Hex } from "../core/hash.ts";
import {
  CAPABILITIES,
  costOf,
  counterpart,
  findModel,
  isRetired,
  type PriceBook,
  successorOf,
} from "../costs/index.ts";
import { PROVIDERS, type ProviderName } from "./contract.ts";
import type { WorkspaceKey } from "./credentials-key.ts";
import { type CandidateTarget, type PlannedTarget, planTargets, type Strategy } from "./rules/plan-targets.ts";

/** What routing looks at in an agent. */
export interface RoutedAgent {
  provider: string;
  model: string;
  capabilities: readonly string[];
  maxTokens: number;
  fallback?:
    | {
        enabled: boolean;
        strategy: Strategy;
        targets: readonly { provider: string; model?: string | undefined; weight?: number | undefined }[];
      }
    | undefined;
}

export interface PlanPorts {
  keyOf(provider: ProviderName): Promise<WorkspaceKey | null>;
  /** The measured median latency of a provider's model, `null` before it was measured. */
  p50Of(credential: string, target: { provider: ProviderName; model: string }): Promise<number | null>;
  prices: PriceBook;
  /** Epoch milliseconds, for prices and retirements. */
  now: number;
}

export interface PlanRequest {
  promptLength: number;
  /** Decides draws: the same seed draws the same order. */
  seed: string;
}

/** An agent's targets as they would be tried. */
export interface Plan {
  targets: PlannedTarget[];
  /**
   * The one that comes first by the agent's policy. Where targets are tried in order that is the agent's own model, also
   * when no key is set for it: whoever reads a step is told that another one answered. The other strategies prefer none
   * that they cannot call.
   */
  first: PlannedTarget | undefined;
}

/** Characters of a token, on the low side of what tokenizers give, so that a window is not called too small too soon. */
const CHARACTERS_A_TOKEN = 4;

/**
 * The targets of an agent in the order in which they would be tried now, each with its reason: its own model, then
 * the fallback targets it names, or by default the other two of the three large providers in order.
 */
export async function planAgent(ports: PlanPorts, agent: RoutedAgent, request: PlanRequest): Promise<Plan> {
  const strategy = agent.fallback?.enabled === false ? "ordered" : (agent.fallback?.strategy ?? "ordered");
  const inputTokens = Math.ceil(request.promptLength / CHARACTERS_A_TOKEN);
  const candidates: CandidateTarget[] = [];
  const draws = new Map<string, string>();
  for (const target of targetsOf(agent, ports.now)) {
    const name = `${target.provider}/${target.model}`;
    if (draws.has(name)) continue;
    draws.set(name, await sha256Hex(`${request.seed}/${name}`));
    const model = findModel(target.provider, target.model);
    const price = ports.prices.priceAt(target.provider, target.model, ports.now);
    const { key, fault } = await keyOfTarget(ports, target.provider);
    candidates.push({
      ...target,
      configured: key !== null,
      keyFault: fault,
      expectedCost: price && costOf(price, expectedUsage(inputTokens, agent.maxTokens)),
      p50LatencyMs: strategy === "fastest" && key !== null ? await ports.p50Of(key.credential, target) : null,
      contextWindow: model?.contextWindow ?? null,
      capabilities: model?.capabilities ?? null,
      retired: model !== null && isRetired(model, ports.now),
    });
  }
  const targets = planTargets(candidates, {
    strategy,
    requires: agent.capabilities.filter((each) => CAPABILITIES.some((known) => known === each)),
    tokensNeeded: inputTokens + agent.maxTokens,
    draw: (target) => draws.get(`${target.provider}/${target.model}`) ?? "0",
  });
  const own = targets.find(({ provider, model }) => provider === agent.provider && model === agent.model);
  return { targets, first: (strategy === "ordered" ? own : undefined) ?? targets.find(({ eligible }) => eligible) };
}

/** A target whose stored key cannot be used is passed over, like one whose key its provider refuses. */
async function keyOfTarget(
  ports: PlanPorts,
  provider: ProviderName,
): Promise<{ key: WorkspaceKey | null; fault: string | null }> {
  try {
    return { key: await ports.keyOf(provider), fault: null };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { key: null, fault: error.message };
  }
}

type NamedTarget = Pick<CandidateTarget, "provider" | "model" | "named" | "weight" | "insteadOf" | "unmatched">;

function targetsOf(agent: RoutedAgent, now: number): NamedTarget[] {
  const own = PROVIDERS.find((name) => name === agent.provider);
  if (own === undefined) return [];
  const weightOfOwn = agent.fallback?.targets.find(
    (each) => each.provider === own && (each.model ?? agent.model) === agent.model,
  )?.weight;
  const as = { named: true, insteadOf: null, unmatched: false };
  const targets: NamedTarget[] = [{ ...as, provider: own, model: agent.model, weight: weightOfOwn ?? 1 }];
  if (agent.fallback?.enabled === false) return targets;

  const listed = agent.fallback?.targets ?? [];
  const wanted = listed.length > 0 ? listed : defaultsFor(own);
  for (const { provider, model, weight = 1 } of wanted) {
    const known = PROVIDERS.find((name) => name === provider);
    if (known === undefined) continue;
    const found = model ?? (known === own ? agent.model : counterpart(own, agent.model, known));
    const instead = model === undefined ? null : successorOfRetired(known, model, now);
    targets.push({
      provider: known,
      model: instead ?? found ?? agent.model,
      named: model !== undefined,
      weight,
      insteadOf: instead === null || model === undefined ? null : model,
      unmatched: found === null,
    });
  }
  return targets;
}

/** What answers now for a model that was shut down; `null` when it was not, or nothing does. */
function successorOfRetired(provider: ProviderName, model: string, now: number): string | null {
  const known = findModel(provider, model);
  return known !== null && isRetired(known, now) ? successorOf(provider, model) : null;
}

function defaultsFor(own: ProviderName): { provider: ProviderName; model?: string; weight?: number }[] {
  return PROVIDERS.filter((name) => name !== own && name !== "openai-compatible").map((provider) => ({ provider }));
}

function expectedUsage(inputTokens: number, outputTokens: number) {
  return {
    inputTokens,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens,
    reasoningTokens: 0,
  };
}

import { DomainError } from "../core/errors.ts";
import { sha256Hex } from "../core/hash.ts";
import { CAPABILITIES, costOf, counterpart, findModel, isRetired, type PriceBook } from "../costs/index.ts";
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

/** Characters of a token, on the low side of what tokenizers give, so that a window is not called too small too soon. */
const CHARACTERS_A_TOKEN = 4;

/**
 * The targets of an agent in the order in which they would be tried now, each with its reason: its own model, then
 * the fallback targets it names, or by default the other two of the three large providers in order.
 */
export async function planAgent(ports: PlanPorts, agent: RoutedAgent, request: PlanRequest): Promise<PlannedTarget[]> {
  const strategy = agent.fallback?.enabled === false ? "ordered" : (agent.fallback?.strategy ?? "ordered");
  const inputTokens = Math.ceil(request.promptLength / CHARACTERS_A_TOKEN);
  const candidates: CandidateTarget[] = [];
  const draws = new Map<string, string>();
  for (const target of targetsOf(agent)) {
    const name = `${target.provider}/${target.model}`;
    if (draws.has(name)) continue;
    draws.set(name, await sha256Hex(`${request.seed}/${name}`));
    const model = findModel(target.provider, target.model);
    const price = ports.prices.priceAt(target.provider, target.model, ports.now);
    const { key, fault } = await keyOfTarget(ports, target.provider, candidates.length === 0);
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
  return planTargets(candidates, {
    strategy,
    requires: agent.capabilities.filter((each) => CAPABILITIES.some((known) => known === each)),
    tokensNeeded: inputTokens + agent.maxTokens,
    draw: (target) => draws.get(`${target.provider}/${target.model}`) ?? "0",
  });
}

/** A stored key that cannot be used fails an agent whose own it is; a fallback is only passed over for it. */
async function keyOfTarget(
  ports: PlanPorts,
  provider: ProviderName,
  own: boolean,
): Promise<{ key: WorkspaceKey | null; fault: string | null }> {
  try {
    return { key: await ports.keyOf(provider), fault: null };
  } catch (error) {
    if (own || !(error instanceof DomainError)) throw error;
    return { key: null, fault: error.message };
  }
}

type NamedTarget = Pick<CandidateTarget, "provider" | "model" | "named" | "weight">;

function targetsOf(agent: RoutedAgent): NamedTarget[] {
  const own = PROVIDERS.find((name) => name === agent.provider);
  if (own === undefined) return [];
  const weightOfOwn = agent.fallback?.targets.find(
    (each) => each.provider === own && (each.model ?? agent.model) === agent.model,
  )?.weight;
  const targets: NamedTarget[] = [{ provider: own, model: agent.model, named: true, weight: weightOfOwn ?? 1 }];
  if (agent.fallback?.enabled === false) return targets;

  const listed = agent.fallback?.targets ?? [];
  const wanted = listed.length > 0 ? listed : defaultsFor(own);
  for (const { provider, model, weight = 1 } of wanted) {
    const known = PROVIDERS.find((name) => name === provider);
    if (known === undefined) continue;
    const found = model ?? (known === own ? agent.model : counterpart(own, agent.model, known));
    if (found !== null) targets.push({ provider: known, model: found, named: model !== undefined, weight });
  }
  return targets;
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

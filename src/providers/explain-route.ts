import { isoTime } from "../core/clock.ts";
import type { Breakers, Refusal } from "./breakers.ts";
import { PROVIDERS, type ProviderName } from "./contract.ts";
import { type PlanPorts, planAgent, type RoutedAgent } from "./plan-agent.ts";

export interface ExplainedTarget {
  /** Also a name that is none of ours: then it is not eligible. */
  provider: string;
  model: string;
  eligible: boolean;
  reason: string;
}

/**
 * The targets that an agent would try now, in order, each with why or why not: what an execution would do, without
 * calling anybody. Targets whose breaker lets nobody through come as not eligible, with the time at which they are
 * tried again; when that are all, the one that an execution waits for says so.
 *
 * @param seed decides the draw of a balanced agent, which is another one in each step of an execution
 */
export async function explainRoute(
  ports: PlanPorts & { breakers: Pick<Breakers, "health">; workspaceId: string },
  agent: RoutedAgent & { prompt: string; systemPrompt: string },
  seed: string,
): Promise<ExplainedTarget[]> {
  const promptLength = agent.prompt.length + agent.systemPrompt.length;
  const { targets } = await planAgent(ports, agent, { promptLength, seed });
  const judged = await Promise.all(
    targets.map(async (target) => ({ target, state: target.eligible ? await stateOf(ports, target.provider) : null })),
  );
  const callable = judged.some(({ target, state }) => target.eligible && state?.blocked === null);
  const blocked = judged.flatMap(({ state }) => state?.blocked ?? []);
  const first = callable ? undefined : blocked.toSorted((one, other) => one.reopensAt - other.reopensAt)[0];
  const known = judged.map(({ target: { provider, model, eligible, reason }, state }) => {
    const obstacle = state?.blocked ? obstacleOf(state.blocked) : null;
    const waited = state?.blocked && state.blocked === first ? `; ${WAITED_FOR}` : "";
    if (obstacle !== null) return { provider, model, eligible: false, reason: `${reason}; ${obstacle}${waited}` };
    return { provider, model, eligible, reason: state?.probing ? `${reason}; ${PROBES}` : reason };
  });
  return [...known, ...unknownTargets(agent)];
}

const PROBES = "its breaker lets one call through to see whether it is back";
const WAITED_FOR =
  "no other target is open: an execution waits for this one, as far as its deadline allows, or is lent a last resort";

/** What an agent names that no provider goes by: without these a misspelt name would just be missing from the answer. */
function unknownTargets(agent: RoutedAgent): ExplainedTarget[] {
  const fallbacks = agent.fallback?.enabled === false ? [] : (agent.fallback?.targets ?? []);
  const unknown = [agent, ...fallbacks].filter((target) => !PROVIDERS.some((known) => known === target.provider));
  return unknown.map(({ provider, model = agent.model }) => ({
    provider,
    model,
    eligible: false,
    reason: `there is no provider ${provider}: choose one of ${PROVIDERS.join(", ")}`,
  }));
}

/** What a breaker would say to a call now. `probing`: it would lend its probe. */
async function stateOf(
  ports: PlanPorts & { breakers: Pick<Breakers, "health">; workspaceId: string },
  provider: ProviderName,
): Promise<{ blocked: Refusal | null; probing: boolean } | null> {
  const key = await ports.keyOf(provider);
  if (key === null) return null;
  const { state, blocked } = await ports.breakers.health({
    workspaceId: ports.workspaceId,
    provider,
    credential: key.credential,
  });
  return { blocked, probing: state === "half_open" && blocked === null };
}

function obstacleOf({ reason, reopensAt }: Refusal): string {
  const until = isoTime(reopensAt);
  switch (reason) {
    case "open":
      return `its breaker is open until ${until}`;
    case "cooling_down":
      return `it asked to be left alone until ${until}`;
    case "probing":
      return `a call is under way to see whether it is back, until ${until} at the latest`;
  }
}

import type { Breakers } from "./breakers.ts";
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
 * calling anybody. Targets whose breaker is open or cools down come as not eligible, with the time at which they are
 * tried again.
 *
 * @param seed decides the draw of a balanced agent, which is another one in each step of an execution
 */
export async function explainRoute(
  ports: PlanPorts & { breakers: Pick<Breakers, "health">; workspaceId: string },
  agent: RoutedAgent & { prompt: string; systemPrompt: string },
  seed: string,
): Promise<ExplainedTarget[]> {
  const promptLength = agent.prompt.length + agent.systemPrompt.length;
  const planned = await planAgent(ports, agent, { promptLength, seed });
  const known = await Promise.all(
    planned.map(async ({ provider, model, eligible, reason }) => {
      const obstacle = eligible ? await obstacleOf(ports, provider) : null;
      if (obstacle === null) return { provider, model, eligible, reason };
      return { provider, model, eligible: false, reason: `${reason}; ${obstacle}` };
    }),
  );
  return [...known, ...unknownTargets(agent)];
}

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

async function obstacleOf(
  ports: PlanPorts & { breakers: Pick<Breakers, "health">; workspaceId: string },
  provider: ProviderName,
): Promise<string | null> {
  const key = await ports.keyOf(provider);
  if (key === null) return null;
  const { state, openUntil } = await ports.breakers.health({
    workspaceId: ports.workspaceId,
    provider,
    credential: key.credential,
  });
  if (openUntil === null || openUntil <= ports.now) return null;
  const until = new Date(openUntil).toISOString();
  return state === "open" ? `its breaker is open until ${until}` : `it asked to be left alone until ${until}`;
}

import type { Breakers } from "./breakers.ts";
import type { ProviderName } from "./contract.ts";
import { type PlanPorts, planAgent, type RoutedAgent } from "./plan-agent.ts";

export interface ExplainedTarget {
  provider: ProviderName;
  model: string;
  eligible: boolean;
  reason: string;
}

/**
 * The targets that an agent would try now, in order, each with why or why not: what an execution would do, without
 * calling anybody. Targets whose breaker is open come as not eligible, with the time at which they are tried again.
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
  return Promise.all(
    planned.map(async ({ provider, model, eligible, reason }) => {
      const openUntil = eligible ? await openUntilOf(ports, provider) : null;
      if (openUntil === null) return { provider, model, eligible, reason };
      const until = new Date(openUntil).toISOString();
      return { provider, model, eligible: false, reason: `${reason}; its breaker is open until ${until}` };
    }),
  );
}

async function openUntilOf(
  ports: PlanPorts & { breakers: Pick<Breakers, "health">; workspaceId: string },
  provider: ProviderName,
): Promise<number | null> {
  const key = await ports.keyOf(provider);
  if (key === null) return null;
  const { state, openUntil } = await ports.breakers.health({
    workspaceId: ports.workspaceId,
    provider,
    credential: key.credential,
  });
  return state === "open" && openUntil !== null && openUntil > ports.now ? openUntil : null;
}

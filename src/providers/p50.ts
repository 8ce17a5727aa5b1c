import type { Breakers } from "./breakers.ts";
import type { ProviderName } from "./contract.ts";

/** The measured median latency of a model under a credential, `null` before it was measured. */
export async function p50Of(
  breakers: Pick<Breakers, "health">,
  key: { workspaceId: string; provider: ProviderName; credential: string },
  model: string,
): Promise<number | null> {
  const { models } = await breakers.health(key);
  return models.find((each) => each.model === model)?.p50LatencyMs ?? null;
}

import { isoTimeOrNull } from "../core/clock.ts";
import type { Breakers } from "./breakers.ts";
import { PROVIDERS, type ProviderName } from "./contract.ts";
import type { WorkspaceKey } from "./credentials-key.ts";
import type { HealthView } from "./inputs.ts";

/** How every configured provider of a workspace does, as its breaker sees it through the workspace's credential. */
export async function providersHealth(
  breakers: Pick<Breakers, "health">,
  workspaceId: string,
  keyOf: (provider: ProviderName) => Promise<WorkspaceKey | null>,
): Promise<HealthView[]> {
  const views = await Promise.all(
    PROVIDERS.map(async (provider) => {
      const key = await keyOf(provider);
      if (key === null) return null;
      // Why nobody is let through is for routing: openUntil and state say it to people.
      const { blocked: _, ...health } = await breakers.health({ workspaceId, provider, credential: key.credential });
      return { ...health, openUntil: isoTimeOrNull(health.openUntil) };
    }),
  );
  return views.filter((view) => view !== null);
}

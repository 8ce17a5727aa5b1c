import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useLiveEvents } from "../../api/live.tsx";
import { useCan } from "../../api/me.ts";
import { providersQuery } from "../../api/providers.ts";
import {
  EmptyState,
  LinesSkeleton,
  Loaded,
  notifyDone,
  notifyFailed,
  Page,
  PageLink,
  providerName,
  useCommands,
} from "../../ui/index.ts";
import { patchedHealth } from "./live-health.ts";
import { ProviderHealth } from "./provider-health.tsx";
import { ProvidersTabs } from "./providers-tabs.tsx";
import { type Health, healthQuery, type ProviderName, useReset } from "./queries.ts";
import "./providers.css";

/** How each provider does, as it goes. */
export function HealthPage() {
  const health = useQuery(healthQuery);
  const queryClient = useQueryClient();
  const mayReset = useCan("breakers.reset");
  const reset = useReset();
  useLiveEvents((event) => {
    if (event.type !== "breaker") return;
    queryClient.setQueryData(
      healthQuery.queryKey,
      (before) => before && { ...before, items: patchedHealth(before.items, event) },
    );
  });
  const close = (provider: ProviderName) =>
    reset.mutate(provider, {
      onSuccess: () => notifyDone(`Closed the breaker of ${providerName(provider)}. Calls go to it again.`),
      onError: (error) => notifyFailed(error, "The breaker was not closed."),
    });
  const tripped = (health.data?.items ?? []).filter(({ state }) => state !== "closed");
  useCommands(
    mayReset
      ? tripped.map(({ provider }) => ({
          id: `reset-${provider}`,
          label: `Reset breaker of ${providerName(provider)}`,
          group: "This page",
          run: () => close(provider),
        }))
      : [],
  );
  return (
    <Page
      title="Providers"
      sentence="Each provider has a circuit breaker. While it is open, calls go to the next target at once."
      tabs={<ProvidersTabs />}
    >
      <Loaded query={health} title="The providers' health could not be loaded" skeleton={<LinesSkeleton lines={9} />}>
        {({ items }) =>
          items.length === 0 ? (
            <NoProviders />
          ) : (
            <div className="sw-providers">
              {items.map((each: Health) => (
                <ProviderHealth
                  key={each.provider}
                  health={each}
                  onReset={mayReset ? () => close(each.provider) : null}
                  resetting={reset.isPending && reset.variables === each.provider}
                />
              ))}
            </div>
          )
        }
      </Loaded>
      <WithoutKey />
    </Page>
  );
}

function NoProviders() {
  const mayManageKeys = useCan("credentials.manage");
  return (
    <EmptyState
      title="No provider can be called"
      action={mayManageKeys && <PageLink to="/providers/credentials">Set a key</PageLink>}
    >
      How each provider does stands here once a key is set for one, by this workspace or by the installation.
    </EmptyState>
  );
}

/** The providers that nothing is known of, because no key is set for them. */
function WithoutKey() {
  const providers = useQuery(providersQuery).data?.items ?? [];
  const mayManageKeys = useCan("credentials.manage");
  const without = providers.filter(({ configured }) => !configured).map(({ provider }) => providerName(provider));
  if (without.length === 0) return null;
  return (
    <p className="sw-muted">
      No key is set for {new Intl.ListFormat("en").format(without)}.{" "}
      {mayManageKeys ? (
        <PageLink to="/providers/credentials">Set one under Credentials</PageLink>
      ) : (
        "An owner can set one"
      )}
      .
    </p>
  );
}

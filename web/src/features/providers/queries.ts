import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { answer } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { usePages } from "../../api/pages.ts";
import { endOfDay, startOfDay } from "../../lib/local-day.ts";
import type { FallbacksSearch } from "./search.ts";

const credential = client.api.credentials[":provider"];

/** How a provider does, as its breaker sees it. */
export type Health = InferResponseType<typeof client.api.providers.health.$get, 200>["items"][number];
export type ProviderName = Health["provider"];
/** A step that left one target for another. */
export type Fallback = InferResponseType<(typeof client.api)["fallback-events"]["$get"], 200>["items"][number];
/** What is shown of a stored key. */
export type Credential = InferResponseType<typeof client.api.credentials.$get, 200>["items"][number];

/** The rate of failures is that of the last minute, and moves with each call. */
const POLL_MS = 5_000;
const PAGE_SIZE = "50";

/** How each provider that can be called does. */
export const healthQuery = queryOptions({
  queryKey: [...keys.providers, "health"],
  queryFn: () => answer(client.api.providers.health.$get()),
  refetchInterval: POLL_MS,
});

/** Closes a provider's breaker. */
export function useReset() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (provider: ProviderName) =>
      answer(client.api.providers[":provider"].reset.$post({ param: { provider } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: healthQuery.queryKey }),
  });
}

/** Where steps left one target for another, newest first. */
export function useFallbacks({ provider, workflow, from, to }: FallbacksSearch) {
  const since = from === undefined ? null : startOfDay(from);
  const until = to === undefined ? null : endOfDay(to);
  const filters = {
    ...(provider === undefined ? {} : { provider }),
    ...(workflow === undefined ? {} : { workflowId: workflow }),
    ...(since === null ? {} : { from: new Date(since).toISOString() }),
    ...(until === null ? {} : { to: new Date(until).toISOString() }),
  };
  return usePages(keys.fallbacks.list(filters), (cursor) =>
    answer(client.api["fallback-events"].$get({ query: { limit: PAGE_SIZE, ...filters, ...cursor } })),
  );
}

/** The keys that the workspace has stored, without the keys. For owners. */
export const credentialsQuery = queryOptions({
  queryKey: keys.credentials,
  queryFn: () => answer(client.api.credentials.$get()),
});

/** What a change of a key makes old: which providers can be called, and how they do. */
function useRefreshKeys() {
  const queryClient = useQueryClient();
  return () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: keys.credentials }),
      queryClient.invalidateQueries({ queryKey: keys.providers }),
    ]);
}

/** Stores a key. It is never shown again. */
export function usePutCredential() {
  const refresh = useRefreshKeys();
  return useMutation({
    mutationFn: ({ provider, ...json }: { provider: ProviderName; apiKey: string; baseUrl: string | null }) =>
      answer(credential.$put({ param: { provider }, json })),
    onSuccess: refresh,
  });
}

/** Removes a stored key. */
export function useDeleteCredential() {
  const refresh = useRefreshKeys();
  return useMutation({
    mutationFn: (provider: ProviderName) => answer(credential.$delete({ param: { provider } })),
    onSuccess: refresh,
  });
}

/** Makes one real call with the stored key. */
export function useTestCredential() {
  return useMutation({
    mutationFn: ({ provider, model }: { provider: ProviderName; model: string | null }) =>
      answer(credential.test.$post({ param: { provider }, json: model === null ? {} : { model } })),
  });
}

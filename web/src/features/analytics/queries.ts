import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { answer } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { usePages } from "../../api/pages.ts";
import type { Interval } from "../../lib/day-range.ts";
import { endOfDay, startOfDay } from "../../lib/local-day.ts";
import type { AnalyticsQuery } from "./asked.ts";
import type { EventsSearch } from "./search.ts";

const { analytics } = client.api;

export type Costs = InferResponseType<typeof analytics.costs.$get, 200>;
export type Usage = InferResponseType<typeof analytics.usage.$get, 200>;
export type Trends = InferResponseType<typeof analytics.trends.$get, 200>;
export type ExpensiveWorkflow = InferResponseType<
  (typeof analytics)["expensive-workflows"]["$get"],
  200
>["items"][number];
/** Something that a person should know. */
export type WorkspaceEvent = InferResponseType<typeof client.api.events.$get, 200>["items"][number];

/** Today's sums begin anew at midnight, and prices may have been set elsewhere. */
const POLL_MS = 60_000;
const PAGE_SIZE = "50";
const MOST_WORKFLOWS = "10";
/** While another range is asked for, the last one stays on screen in place of a skeleton. */
const steady = { placeholderData: keepPreviousData, refetchInterval: POLL_MS };

/** What was spent, in all and by what tells calls apart. */
export function costsQuery(query: AnalyticsQuery) {
  return queryOptions({
    queryKey: keys.analytics.costs(query),
    queryFn: () => answer(analytics.costs.$get({ query })),
    ...steady,
  });
}

/** Tokens by class. */
export function usageQuery(query: AnalyticsQuery) {
  return queryOptions({
    queryKey: keys.analytics.usage(query),
    queryFn: () => answer(analytics.usage.$get({ query })),
    ...steady,
  });
}

/** Costs bucket by bucket, without holes. */
export function trendsQuery(query: AnalyticsQuery, interval: Interval) {
  return queryOptions({
    queryKey: keys.analytics.trends({ ...query, interval }),
    queryFn: () => answer(analytics.trends.$get({ query: { ...query, interval } })),
    ...steady,
  });
}

/** The ten workflows that cost the most. */
export function expensiveQuery(query: AnalyticsQuery) {
  return queryOptions({
    queryKey: keys.analytics.expensive(query),
    queryFn: () => answer(analytics["expensive-workflows"].$get({ query: { ...query, limit: MOST_WORKFLOWS } })),
    ...steady,
  });
}

/** Where the calls of a range are downloaded as CSV. */
export function exportAddress(query: AnalyticsQuery): string {
  return `/api/analytics/export?${new URLSearchParams({ ...query })}`;
}

/** What a person should know, newest first. */
export function useEvents({ type, from, to }: EventsSearch) {
  const since = from === undefined ? null : startOfDay(from);
  const until = to === undefined ? null : endOfDay(to);
  const filters = {
    ...(type === undefined ? {} : { type }),
    ...(since === null ? {} : { from: new Date(since).toISOString() }),
    ...(until === null ? {} : { to: new Date(until).toISOString() }),
  };
  return usePages(keys.events.list(filters), (cursor) =>
    answer(client.api.events.$get({ query: { limit: PAGE_SIZE, ...filters, ...cursor } })),
  );
}

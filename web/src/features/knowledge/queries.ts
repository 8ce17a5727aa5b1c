import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { answer } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { usePages } from "../../api/pages.ts";
import type { KnowledgeSearch } from "./search.ts";

/** Something that agents of a role may draw on. */
export type Entry = InferResponseType<typeof client.api.knowledge.$get, 200>["items"][number];
/** What a person writes of it. */
export type EntryFields = Pick<Entry, "agentRole" | "category" | "content" | "context" | "confidence">;
type EntryChange = Parameters<(typeof client.api.knowledge)[":id"]["$put"]>[0]["json"];

const PAGE_SIZE = "50";
/** Suggestions come from so many of the newest entries and workflows. */
const LOOKED_AT = "200";

/** The workspace's entries that fit, newest first. */
export function useEntries({ role, category, q }: KnowledgeSearch) {
  const filters = {
    ...(role === undefined ? {} : { agentRole: role }),
    ...(category === undefined ? {} : { category }),
    ...(q === undefined ? {} : { q }),
  };
  return usePages(keys.knowledge.list(filters), (cursor) =>
    answer(client.api.knowledge.$get({ query: { limit: PAGE_SIZE, ...filters, ...cursor } })),
  );
}

/** Roles and categories that entries have already. */
export const labelsQuery = queryOptions({
  queryKey: keys.knowledge.labels,
  queryFn: async () => {
    const { items } = await answer(client.api.knowledge.$get({ query: { limit: LOOKED_AT } }));
    return { roles: distinct(items.map((item) => item.agentRole)), categories: distinct(items.map((i) => i.category)) };
  },
});

/** The roles of the workspace's agents: an entry of another role is given to nobody. */
export const agentRolesQuery = queryOptions({
  queryKey: [...keys.workflows.all, "roles"],
  queryFn: async () => {
    const { items } = await answer(client.api.workflows.$get({ query: { limit: LOOKED_AT } }));
    return distinct(items.flatMap(({ agents }) => agents.map(({ role }) => role)));
  },
});

/** Each once, whatever its case, in the order of the alphabet. */
function distinct(labels: readonly string[]): string[] {
  const found = new Map(labels.map((label) => [label.toLowerCase(), label]));
  return [...found.values()].sort((one, other) => one.localeCompare(other));
}

/** Writes an entry down, or changes the one with that id. */
export function useSaveEntry() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (asked: { id: null; entry: EntryFields } | { id: string; change: EntryChange }) =>
      asked.id === null
        ? answer(client.api.knowledge.$post({ json: asked.entry }))
        : answer(client.api.knowledge[":id"].$put({ param: { id: asked.id }, json: asked.change })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.knowledge.all }),
  });
}

/** Deletes an entry, also while the page goes away. */
export function deleteEntry(id: string) {
  return answer(client.api.knowledge[":id"].$delete({ param: { id } }, { init: { keepalive: true } }));
}

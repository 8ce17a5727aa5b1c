import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";

const MOST_AT_ONCE = "200";
/** A workspace with more workflows than this shows the oldest ones by their id. */
const MOST_PAGES = 5;

const namesQuery = queryOptions({
  // Not under `keys.workflows.list`: that one holds pages.
  queryKey: [...keys.workflows.all, "names"],
  queryFn: async () => {
    const names: { id: string; name: string }[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const { items, nextCursor }: { items: { id: string; name: string }[]; nextCursor: string | null } = await answer(
        client.api.workflows.$get({ query: { limit: MOST_AT_ONCE, ...(cursor === null ? {} : { cursor }) } }),
      );
      for (const { id, name } of items) names.push({ id, name });
      cursor = nextCursor;
      if (cursor === null) break;
    }
    return names;
  },
  staleTime: 60_000,
});

/** The workspace's workflows by name, newest first. Undefined while they are asked for. */
export function useWorkflowNames() {
  return useQuery(namesQuery).data;
}

/** One workflow with its draft. */
export function workflowQuery(workflowId: string) {
  return queryOptions({
    queryKey: keys.workflows.one(workflowId),
    queryFn: () => answer(client.api.workflows[":id"].$get({ param: { id: workflowId } })),
  });
}

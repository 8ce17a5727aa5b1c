import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import type { Page } from "../../api/pages.ts";

const MOST_AT_ONCE = "200";
/** Of a workspace with more workflows than this the oldest ones cannot be chosen from a list. */
const MOST_PAGES = 10;

const namesQuery = queryOptions({
  // Not under `keys.workflows.list`: that one holds pages.
  queryKey: keys.workflows.names,
  queryFn: async () => {
    const names: { id: string; name: string }[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const { items, nextCursor }: Page<{ id: string; name: string }> = await answer(
        client.api["workflow-names"].$get({ query: { limit: MOST_AT_ONCE, ...(cursor === null ? {} : { cursor }) } }),
      );
      names.push(...items);
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

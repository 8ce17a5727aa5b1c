import { queryOptions, useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { answer } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { usePages } from "../../api/pages.ts";

/** A workflow with its draft, as the API shows it. */
export type Workflow = InferResponseType<(typeof client.api.workflows)[":id"]["$get"], 200>;
/** A workflow that is not saved yet. */
export type NewWorkflow = Parameters<typeof client.api.workflows.$post>[0]["json"];
type Execution = InferResponseType<typeof client.api.executions.$get, 200>["items"][number];

const PAGE_SIZE = "50";
/** One answer with this many executions tells the last one of nearly every workflow. */
const RECENT_EXECUTIONS = "200";

/** The workspace's workflows, newest first. */
export function useWorkflows() {
  return usePages(keys.workflows.list, (cursor) =>
    answer(client.api.workflows.$get({ query: { limit: PAGE_SIZE, ...cursor } })),
  );
}

/** One workflow with its draft. */
export function workflowQuery(workflowId: string) {
  return queryOptions({
    queryKey: keys.workflows.one(workflowId),
    queryFn: () => answer(client.api.workflows[":id"].$get({ param: { id: workflowId } })),
  });
}

/**
 * The newest execution of each of these workflows: null for one that was never executed, undefined while it is asked for.
 * The workspace's recent executions tell most of them; only the others are asked for one by one.
 */
export function useLastExecutions(
  workflowIds: readonly string[],
): (workflowId: string) => Execution | null | undefined {
  const recent = useQuery({
    queryKey: keys.executions.last,
    queryFn: () => answer(client.api.executions.$get({ query: { limit: RECENT_EXECUTIONS } })),
  });
  const found = new Map<string, Execution>();
  for (const execution of recent.data?.items ?? []) {
    if (!found.has(execution.workflowId)) found.set(execution.workflowId, execution);
  }
  const complete = recent.data?.nextCursor === null;
  const missing = recent.data && !complete ? workflowIds.filter((id) => !found.has(id)) : [];
  const older = useQueries({
    queries: missing.map((workflowId) => ({
      queryKey: [...keys.executions.last, workflowId],
      queryFn: () => answer(client.api.executions.$get({ query: { workflowId, limit: "1" } })),
    })),
  });
  const olderOf = new Map(missing.map((id, place) => [id, older[place]?.data?.items]));
  return (workflowId) => {
    const known = found.get(workflowId);
    if (known) return known;
    if (complete) return null;
    const items = olderOf.get(workflowId);
    return items === undefined ? undefined : (items[0] ?? null);
  };
}

/** Creates a workflow and has the list show it. */
export function useCreateWorkflow() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (workflow: NewWorkflow) => answer(client.api.workflows.$post({ json: workflow })),
    onSuccess: (workflow) => {
      queryClient.setQueryData(keys.workflows.one(workflow.id), workflow);
      return queryClient.invalidateQueries({ queryKey: keys.workflows.list });
    },
  });
}

/** Deletes a workflow with its versions and executions. */
export function useDeleteWorkflow() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (workflowId: string) => answer(client.api.workflows[":id"].$delete({ param: { id: workflowId } })),
    onSuccess: async (_, workflowId) => {
      // Its own page may still be shown: it would ask at once for what is gone.
      queryClient.removeQueries({ queryKey: keys.workflows.one(workflowId), type: "inactive" });
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: keys.workflows.list }),
        queryClient.invalidateQueries({ queryKey: keys.workflows.names }),
      ]);
    },
  });
}

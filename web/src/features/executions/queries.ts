import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { answer } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { usePages } from "../../api/pages.ts";
import { savesSettled } from "../../api/pending-saves.ts";
import { endOfDay, startOfDay } from "../../lib/local-day.ts";
import type { ExecutionsSearch } from "./search.ts";

const execution = client.api.executions[":id"];

/** An execution in a list. */
export type Execution = InferResponseType<typeof client.api.executions.$get, 200>["items"][number];
/** An execution with its steps, as the API shows it. */
export type ExecutionDetail = InferResponseType<typeof execution.$get, 200>;
/** One node's part of an execution. */
export type Step = ExecutionDetail["steps"][number];
/** A call to a provider. */
export type Attempt = InferResponseType<typeof execution.attempts.$get, 200>["items"][number];
/** A line of an execution's log. */
export type LogLine = InferResponseType<typeof execution.logs.$get, 200>["items"][number];
type RunBody = Parameters<(typeof client.api.workflows)[":id"]["execute"]["$post"]>[0]["json"];

const POLL_MS = 5_000;
const PAGE_SIZE = "50";
/** Logs and attempts are read as a whole: the most that the API gives at once. */
const LONG_PAGE = "200";

/** The workspace's executions that fit, newest first. */
export function useExecutions({ workflow, status, trigger, from, to }: ExecutionsSearch) {
  const since = from === undefined ? null : startOfDay(from);
  const until = to === undefined ? null : endOfDay(to);
  const filters = {
    ...(workflow === undefined ? {} : { workflowId: workflow }),
    ...(status === undefined ? {} : { status }),
    ...(trigger === undefined ? {} : { trigger }),
    ...(since === null ? {} : { from: new Date(since).toISOString() }),
    ...(until === null ? {} : { to: new Date(until).toISOString() }),
  };
  return usePages(keys.executions.list(filters), (cursor) =>
    answer(client.api.executions.$get({ query: { limit: PAGE_SIZE, ...filters, ...cursor } })),
  );
}

/** One execution. Live events have it asked for again; a slow poll while it runs, for when there is no connection. */
export function executionQuery(executionId: string) {
  return queryOptions({
    queryKey: keys.executions.one(executionId),
    queryFn: () => answer(execution.$get({ param: { id: executionId } })),
    refetchInterval: ({ state }) => (state.data && state.data.completedAt !== null ? false : POLL_MS),
  });
}

/** What a version holds that was executed, and so never changes. */
export function definitionQuery(versionId: string) {
  return queryOptions({
    queryKey: keys.versions.one(versionId),
    queryFn: () => answer(client.api.versions[":versionId"].$get({ param: { versionId } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** An execution's log, oldest line first. */
export function useLogs(executionId: string) {
  return usePages(keys.executions.logs(executionId), (cursor) =>
    answer(execution.logs.$get({ param: { id: executionId }, query: { limit: LONG_PAGE, ...cursor } })),
  );
}

/** The calls that an execution made, oldest first. */
export function useAttempts(executionId: string) {
  return usePages(keys.executions.attempts(executionId), (cursor) =>
    answer(execution.attempts.$get({ param: { id: executionId }, query: { limit: LONG_PAGE, ...cursor } })),
  );
}

/** Cancels an execution that is under way, and shows it as it then is. */
export function useCancel() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (executionId: string) => answer(execution.cancel.$post({ param: { id: executionId } })),
    onSuccess: (cancelled) => {
      queryClient.setQueryData(keys.executions.one(cancelled.id), cancelled);
      return queryClient.invalidateQueries({ queryKey: keys.executions.lists });
    },
  });
}

/** Runs again what did not succeed, as a new execution. The key makes a second press of a button start nothing. */
export function useRetry() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ executionId, key }: { executionId: string; key: string }) =>
      answer(execution.retry.$post({ param: { id: executionId }, header: { "idempotency-key": key }, json: {} })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.executions.lists }),
  });
}

/** Executes a workflow: its draft, or the version that is named. */
export function useRun() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async ({ workflowId, key, ...json }: RunBody & { workflowId: string; key: string }) => {
      await savesSettled();
      return answer(
        client.api.workflows[":id"].execute.$post({
          param: { id: workflowId },
          header: { "idempotency-key": key },
          json,
        }),
      );
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.executions.lists }),
  });
}

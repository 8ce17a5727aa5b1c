import { queryOptions } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { answer } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";

/** An execution with its steps, as the API shows it. */
export type ExecutionDetail = InferResponseType<(typeof client.api.executions)[":id"]["$get"], 200>;

const POLL_MS = 5_000;

/** One execution. Live events have it asked for again; a slow poll while it runs, for when there is no connection. */
export function executionQuery(executionId: string) {
  return queryOptions({
    queryKey: keys.executions.one(executionId),
    queryFn: () => answer(client.api.executions[":id"].$get({ param: { id: executionId } })),
    refetchInterval: ({ state }) => (state.data && state.data.completedAt !== null ? false : POLL_MS),
  });
}

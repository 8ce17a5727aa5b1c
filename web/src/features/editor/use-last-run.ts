import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { answer } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import type { NodeMark } from "../graph/index.ts";

/** How each node did in the workflow's last execution, followed live. */
export function useLastRun(workflowId: string): Readonly<Record<string, NodeMark>> {
  const last = useQuery({
    queryKey: keys.executions.list({ workflowId, limit: "1" }),
    queryFn: () => answer(client.api.executions.$get({ query: { workflowId, limit: "1" } })),
  });
  const id = last.data?.items[0]?.id ?? null;
  const execution = useQuery({
    queryKey: keys.executions.one(id ?? ""),
    queryFn: () => answer(client.api.executions[":id"].$get({ param: { id: id ?? "" } })),
    enabled: id !== null,
  });
  const steps = execution.data?.steps;
  return useMemo(
    () =>
      Object.fromEntries(
        (steps ?? []).map(({ nodeId, status, startedAt, completedAt, costNanoUsd }) => {
          const ran = startedAt !== null && completedAt !== null;
          const durationMs = ran ? Date.parse(completedAt) - Date.parse(startedAt) : undefined;
          return [nodeId, { status, durationMs, costNanoUsd: ran ? costNanoUsd : undefined }];
        }),
      ),
    [steps],
  );
}

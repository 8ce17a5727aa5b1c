import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { answer } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";

/** A workflow to start from. */
export type Template = InferResponseType<typeof client.api.templates.$get, 200>["items"][number];

/** The templates that come with this installation. They change only with it. */
export const templatesQuery = queryOptions({
  queryKey: keys.templates,
  queryFn: async () => (await answer(client.api.templates.$get())).items,
  staleTime: Number.POSITIVE_INFINITY,
});

/** Makes a workflow of a template. */
export function useInstall() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (templateId: string) =>
      answer(client.api.templates[":id"].install.$post({ param: { id: templateId } })),
    onSuccess: (workflow) => {
      queryClient.setQueryData(keys.workflows.one(workflow.id), workflow);
      return queryClient.invalidateQueries({ queryKey: keys.workflows.all });
    },
  });
}

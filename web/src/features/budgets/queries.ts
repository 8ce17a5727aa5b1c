import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { answer } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { usePages } from "../../api/pages.ts";

/** A budget with what is spent and reserved in its running period. */
export type Budget = InferResponseType<typeof client.api.budgets.$get, 200>["items"][number];
/** A budget that is not saved yet. */
export type NewBudget = Parameters<typeof client.api.budgets.$post>[0]["json"];
type BudgetChange = Parameters<(typeof client.api.budgets)[":id"]["$put"]>[0]["json"];

/** The workspace's budgets, oldest first. There are fifty at most. */
export function useBudgets() {
  return usePages(keys.budgets, (cursor) => answer(client.api.budgets.$get({ query: cursor })));
}

/** Makes a budget, or changes the one that is given. Answers it with the secret of its webhook if that is new. */
export function useSaveBudget() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (asked: { id: null; budget: NewBudget } | { id: string; change: BudgetChange }) =>
      asked.id === null
        ? answer(client.api.budgets.$post({ json: asked.budget }))
        : answer(client.api.budgets[":id"].$put({ param: { id: asked.id }, json: asked.change })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.budgets }),
  });
}

/** Removes a budget. */
export function useDeleteBudget() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answer(client.api.budgets[":id"].$delete({ param: { id } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.budgets }),
  });
}

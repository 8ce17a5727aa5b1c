import { queryOptions } from "@tanstack/react-query";
import { answer } from "./answer.ts";
import { client } from "./client.ts";
import { keys } from "./keys.ts";

/** The providers, whether each can be called, and their models with what they cost now. */
export const providersQuery = queryOptions({
  queryKey: [...keys.providers, "list"],
  queryFn: () => answer(client.api.providers.$get()),
});

import { queryOptions } from "@tanstack/react-query";
import { answer } from "./answer.ts";
import { client } from "./client.ts";
import { keys } from "./keys.ts";

/** The installation's version, and whether provider replies are simulated. Neither changes while it runs; whether somebody has
 * signed up does, so who wants to know that asks anew. */
export const healthQuery = queryOptions({
  queryKey: keys.health,
  queryFn: () => answer(client.api.health.$get()),
  staleTime: Number.POSITIVE_INFINITY,
});

import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { answer } from "./answer.ts";
import { ApiError } from "./api-error.ts";
import { type Capability, can, client } from "./client.ts";
import { keys } from "./keys.ts";
import { sessionHint } from "./session-hint.ts";

/** Who is signed in, and in which workspace. */
export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: async () => {
    if (!sessionHint.get() && !(await hasSession())) {
      throw new ApiError({ status: 401, code: "unauthenticated", message: "Sign in to go on." });
    }
    const me = await answer(client.api.me.$get());
    sessionHint.set();
    return me;
  },
  staleTime: 60_000,
});

/** Who is signed in. For everything inside the shell, which is shown to nobody else. */
export function useMe() {
  return useSuspenseQuery(meQuery).data;
}

/** Whether the person may do this in the workspace: hide what would be refused. The server decides. */
export function useCan(capability: Capability): boolean {
  return can(useMe().workspace.role, capability);
}

/** Asks an address that answers 200 to strangers too. */
async function hasSession(): Promise<boolean> {
  const response = await fetch("/api/auth/get-session");
  return response.ok && (await response.json()) !== null;
}

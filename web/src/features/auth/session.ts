import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { toApiError, unreachable } from "../../api/api-error.ts";
import { meQuery } from "../../api/me.ts";
import { sessionHint } from "../../api/session-hint.ts";
import { safePath } from "../../lib/safe-path.ts";
import { notifyFailed } from "../../ui/notify.tsx";

/** Signs in with an existing account. Throws an `ApiError` that says why not. */
export function signIn(fields: { email: string; password: string }): Promise<void> {
  return post("sign-in/email", fields);
}

/** Makes an account and signs in. `invitation` is the token of an invitation link. */
export function signUp(fields: { name: string; email: string; password: string; invitation?: string }): Promise<void> {
  return post("sign-up/email", fields);
}

/** What to do once somebody is signed in: forget the person before, and go on to `next` (an address of this dashboard). */
export function useEnter(): (next?: string) => Promise<void> {
  const queryClient = useQueryClient();
  const router = useRouter();
  return async (next) => {
    await enter(queryClient);
    await router.navigate({ href: safePath(next), replace: true });
  };
}

/** Signs out, and leaves nothing of the person's in this browser. */
export function useSignOut(): () => void {
  const queryClient = useQueryClient();
  const router = useRouter();
  const signOut = async () => {
    await post("sign-out", {});
    sessionHint.clear();
    await router.navigate({ to: "/sign-in", search: {} });
    queryClient.clear();
  };
  return () =>
    void signOut().catch((error: unknown) => notifyFailed(error, "You are still signed in on this browser."));
}

async function enter(queryClient: QueryClient): Promise<void> {
  sessionHint.set();
  queryClient.clear();
  await queryClient.fetchQuery(meQuery);
}

/** better-auth's own addresses, whose bodies are not part of the typed client. */
async function post(path: string, body: object): Promise<void> {
  const response = await fetch(`/api/auth/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }).catch((cause: unknown) => {
    throw unreachable(cause);
  });
  if (!response.ok) throw await toApiError(response);
}

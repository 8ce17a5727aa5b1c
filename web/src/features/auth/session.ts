import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { askAccounts } from "../../api/accounts.ts";
import { meQuery } from "../../api/me.ts";
import { sessionHint } from "../../api/session-hint.ts";
import { safePath } from "../../lib/safe-path.ts";
import { notifyFailed } from "../../ui/notify.tsx";

/** Signs in with an existing account. Throws an `ApiError` that says why not. */
export async function signIn(fields: { email: string; password: string }): Promise<void> {
  await askAccounts("sign-in/email", fields);
}

/** Makes an account and signs in. `invitation` is the token of an invitation link, `setupToken` that of the deployment. */
export async function signUp(fields: {
  name: string;
  email: string;
  password: string;
  invitation?: string;
  setupToken?: string;
}): Promise<void> {
  await askAccounts("sign-up/email", fields);
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
    await askAccounts("sign-out", {});
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

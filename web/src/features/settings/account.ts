import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { z } from "zod/mini";
import { askAccounts } from "../../api/accounts.ts";
import { keys } from "../../api/keys.ts";

/** What of better-auth's sessions is shown. The token names the session to the address that ends it. */
const sessionSchema = z.object({
  id: z.string(),
  token: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  ipAddress: z.nullish(z.string()),
  userAgent: z.nullish(z.string()),
});
const currentSchema = z.object({ session: z.object({ id: z.string() }) });

export type Session = z.infer<typeof sessionSchema> & { current: boolean };

/** Where one is signed in: this browser first, then the newest. */
export const sessionsQuery = queryOptions({
  queryKey: keys.sessions,
  queryFn: async (): Promise<Session[]> => {
    const [listed, got] = await Promise.all([askAccounts("list-sessions"), askAccounts("get-session")]);
    const currentId = currentSchema.parse(got).session.id;
    return z
      .array(sessionSchema)
      .parse(listed)
      .map((session) => ({ ...session, current: session.id === currentId }))
      .sort(
        (one, other) => Number(other.current) - Number(one.current) || other.createdAt.localeCompare(one.createdAt),
      );
  },
});

/** Ends one session, or with null all but this browser's. */
export function useEndSession() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (session: Session | null) =>
      session === null
        ? askAccounts("revoke-other-sessions", {})
        : askAccounts("revoke-session", { token: session.token }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.sessions }),
  });
}

/** Changes one's own name. */
export function useRename() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => askAccounts("update-user", { name }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.me }),
  });
}

/** Changes the workspace's name. */
export function useRenameWorkspace() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ id, name }: { id: string; name: string }) =>
      askAccounts("organization/update", { organizationId: id, data: { name } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.me }),
  });
}

interface PasswordChange {
  currentPassword: string;
  newPassword: string;
  /** Signs out everywhere but here. */
  endOthers: boolean;
}

/** Sets a new password. */
export function useChangePassword() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async ({ endOthers, ...passwords }: PasswordChange) => {
      await askAccounts("change-password", { ...passwords, revokeOtherSessions: false });
      // By itself it would end this session too, and begin one in another workspace.
      if (endOthers) await askAccounts("revoke-other-sessions", {});
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.sessions }),
  });
}

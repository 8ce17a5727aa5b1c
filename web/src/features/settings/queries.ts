import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { answer } from "../../api/answer.ts";
import { client, type Role } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { usePages } from "../../api/pages.ts";

const { members, invitations } = client.api;
const keysApi = client.api["api-keys"];

/** A person's place in the workspace. */
export type Member = InferResponseType<typeof members.$get, 200>["items"][number];
/** An invitation that waits for somebody. */
export type Invitation = InferResponseType<typeof invitations.$get, 200>["items"][number];
/** An API key without its secret. */
export type ApiKey = InferResponseType<typeof keysApi.$get, 200>["items"][number];

/** All of it in nearly every workspace. */
const PAGE_SIZE = "200";

/** Who belongs to the workspace. For owners. */
export function useMembers() {
  return usePages(keys.members, (cursor) => answer(members.$get({ query: { limit: PAGE_SIZE, ...cursor } })));
}

/** Members, where their names are wanted beside something else. */
export const membersQuery = queryOptions({
  queryKey: [...keys.members, "names"],
  queryFn: async () => (await answer(members.$get({ query: { limit: PAGE_SIZE } }))).items,
});

/** Gives a member another role. */
export function useChangeRole() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ id, role }: { id: string; role: Role }) =>
      answer(members[":id"].$put({ param: { id }, json: { role } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.members }),
  });
}

/** Takes a member out. */
export function useRemoveMember() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answer(members[":id"].$delete({ param: { id } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.members }),
  });
}

/** Makes a link with which a member sets a new password. */
export function useResetLink() {
  return useMutation({
    mutationFn: (id: string) => answer(members[":id"]["password-reset"].$post({ param: { id } })),
  });
}

/** Invitations that nobody has used yet. For owners. */
export function useInvitations() {
  return usePages(keys.invitations, (cursor) => answer(invitations.$get({ query: { limit: PAGE_SIZE, ...cursor } })));
}

/** Makes a link that lets one person join. */
export function useInvite() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (json: { role: Role; expiresAt: string }) => answer(invitations.$post({ json })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.invitations }),
  });
}

/** Takes an invitation back. */
export function useTakeBack() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answer(invitations[":invitation"].$delete({ param: { invitation: id } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.invitations }),
  });
}

/** One's own API keys; an owner's list holds all of the workspace. */
export function useApiKeys() {
  return usePages(keys.apiKeys, (cursor) => answer(keysApi.$get({ query: { limit: PAGE_SIZE, ...cursor } })));
}

/** Makes an API key. */
export function useCreateKey() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (json: { name: string; role: Role; expiresAt: string | null }) => answer(keysApi.$post({ json })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.apiKeys }),
  });
}

/** Ends an API key at once. */
export function useRevokeKey() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answer(keysApi[":id"].$delete({ param: { id } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.apiKeys }),
  });
}

/** How much history the workspace keeps. */
export const settingsQuery = queryOptions({
  queryKey: keys.settings,
  queryFn: () => answer(client.api.settings.$get()),
});
export type Settings = InferResponseType<typeof client.api.settings.$get, 200>;
export type SettingsChange = Parameters<typeof client.api.settings.$put>[0]["json"];

/** Changes how much history the workspace keeps. */
export function useChangeSettings() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (json: SettingsChange) => answer(client.api.settings.$put({ json })),
    onSuccess: (settings) => queryClient.setQueryData(keys.settings, settings),
  });
}

/** Leaves the workspace that is worked in. */
export function leaveWorkspace() {
  return answer(client.api.me.workspace.$delete());
}

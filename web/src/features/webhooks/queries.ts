import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { useEffect, useRef } from "react";
import { answer } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { useLiveEvents } from "../../api/live.tsx";
import { usePages } from "../../api/pages.ts";

const one = client.api.webhooks[":id"];

/** A webhook as the API shows it. */
export type Webhook = InferResponseType<typeof one.$get, 200>;
/** A webhook that is not saved yet, or a change of one. */
export type WebhookChange = Parameters<typeof one.$put>[0]["json"];
/** The last calls, and how many came with a wrong secret. */
export type Calls = InferResponseType<typeof one.calls.$get, 200>;
/** A request that reached a webhook, admitted or not. */
export type Call = Calls["items"][number];
/** What is tried: a payload or a call, with a mapping that may not be saved yet. */
export type Tried = Parameters<typeof one.test.$post>[0]["json"];

const PAGE_SIZE = "50";
const POLL_MS = 5_000;
/** Calls are written down up to a second behind the event that tells of them. */
const WRITTEN_AFTER_MS = 1_200;

/** A workflow's webhooks, newest first. */
export function useWebhooks(workflowId: string) {
  return usePages(keys.webhooks.of(workflowId), (cursor) =>
    answer(
      client.api.workflows[":id"].webhooks.$get({ param: { id: workflowId }, query: { limit: PAGE_SIZE, ...cursor } }),
    ),
  );
}

/** One webhook. */
export function webhookQuery(webhookId: string) {
  return queryOptions({
    queryKey: keys.webhooks.one(webhookId),
    queryFn: () => answer(one.$get({ param: { id: webhookId } })),
  });
}

/** The last calls of a webhook as they come: by live events, and by asking now and then for what none tells of. */
export function useCalls(webhookId: string) {
  const queryClient = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useLiveEvents((event) => {
    if (event.type !== "webhook" || event.webhookId !== webhookId) return;
    clearTimeout(timer.current);
    timer.current = setTimeout(
      () => void queryClient.invalidateQueries({ queryKey: keys.webhooks.calls(webhookId) }),
      WRITTEN_AFTER_MS,
    );
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return useQuery({
    queryKey: keys.webhooks.calls(webhookId),
    queryFn: () => answer(one.calls.$get({ param: { id: webhookId } })),
    refetchInterval: POLL_MS,
  });
}

/** The whole payload of a call. It stays as it is. */
export function payloadQuery(webhookId: string, callId: string) {
  return queryOptions({
    queryKey: keys.webhooks.payload(callId),
    queryFn: () => answer(one.calls[":callId"].$get({ param: { id: webhookId, callId } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What a payload becomes by a mapping, without anything being started. */
export function triedQuery(webhookId: string, tried: Tried) {
  return queryOptions({
    queryKey: keys.webhooks.tried({ webhookId, tried }),
    queryFn: () => answer(one.test.$post({ param: { id: webhookId }, header: {}, json: { ...tried, dryRun: true } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Creates a webhook of a workflow. */
export function useCreateWebhook(workflowId: string) {
  const fresh = useFresh();
  return useMutation({
    mutationFn: (json: WebhookChange) =>
      answer(client.api.workflows[":id"].webhooks.$post({ param: { id: workflowId }, json })),
    onSuccess: fresh,
  });
}

/** Changes what is given of a webhook. Switching it on or off is shown at once, and taken back when it is refused. */
export function useChangeWebhook(webhookId: string) {
  const queryClient = useQueryClient();
  const fresh = useFresh();
  const queryKey = keys.webhooks.one(webhookId);
  return useMutation({
    mutationFn: (json: WebhookChange) => answer(one.$put({ param: { id: webhookId }, json })),
    onMutate: async ({ enabled }) => {
      if (enabled === undefined) return { before: undefined };
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData<Webhook>(queryKey);
      if (before) queryClient.setQueryData<Webhook>(queryKey, { ...before, enabled });
      return { before };
    },
    onError: (_error, _change, context) => {
      if (context?.before) queryClient.setQueryData<Webhook>(queryKey, context.before);
    },
    onSuccess: fresh,
  });
}

/** Gives a webhook a new secret, and so a new URL. */
export function useRegenerate(webhookId: string) {
  const fresh = useFresh();
  return useMutation({
    mutationFn: (graceSeconds: number) =>
      answer(one.regenerate.$post({ param: { id: webhookId }, json: { graceSeconds } })),
    onSuccess: fresh,
  });
}

/** Deletes a webhook with its calls. */
export function useDeleteWebhook() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answer(one.$delete({ param: { id } })),
    // Lists alone: its own page would be asked for once more before it is left, and not be found.
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.webhooks.lists }),
  });
}

/** Executes with a payload as if it had been sent. The key makes a second press of a button start nothing. */
export function useSendTest(webhookId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ key, ...json }: Tried & { key: string }) =>
      answer(one.test.$post({ param: { id: webhookId }, header: { "idempotency-key": key }, json })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.executions.lists }),
  });
}

/** Executes again with the payload of a call. */
export function useReplay(webhookId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ callId, key }: { callId: string; key: string }) =>
      answer(
        one.calls[":callId"].replay.$post({ param: { id: webhookId, callId }, header: { "idempotency-key": key } }),
      ),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.executions.lists }),
  });
}

/** Shows a webhook as the server answered it, and has the lists asked for again. */
function useFresh() {
  const queryClient = useQueryClient();
  return (webhook: Webhook) => {
    queryClient.setQueryData(keys.webhooks.one(webhook.id), webhook);
    return queryClient.invalidateQueries({ queryKey: keys.webhooks.of(webhook.workflowId) });
  };
}

import { exports } from "cloudflare:workers";
import { vi } from "vitest";
import type { z } from "zod";
import type { CallView, callsSchema, WebhookView } from "../../src/webhooks/inputs.ts";
import { type Answer, type Client, ORIGIN, readAnswer } from "./accounts.ts";

/** What the public door answers, whichever way it goes. */
export interface Triggered {
  success: boolean;
  executionId: string;
  duplicate?: boolean;
  status?: string;
  output?: unknown;
  error: { code: string; message: string; details: { path: string; message: string }[]; requestId: string };
}

type Calls = z.infer<typeof callsSchema>;

/** A webhook as an editor sees it. */
export interface Webhook extends WebhookView {
  webhookUrl: string;
  secretKey: string;
}

/** Creates a webhook over the API. */
export async function createWebhook(account: Client, workflowId: string, body: object = {}): Promise<Webhook> {
  const answer = await account.send<Webhook>("POST", `/api/workflows/${workflowId}/webhooks`, body);
  if (answer.status !== 201)
    throw new Error(`creating a webhook answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

export interface CallOptions {
  /** A text goes out as it is, anything else as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  query?: string;
  ip?: string;
}

/** Calls a webhook's public address, as anybody may. */
export async function call(
  to: Pick<Webhook, "workflowId" | "secretKey">,
  { body = {}, headers = {}, query = "", ip }: CallOptions = {},
): Promise<Answer<Triggered>> {
  const response = await exports.default.fetch(
    `${ORIGIN}/api/webhooks/trigger/${to.workflowId}/${to.secretKey}${query}`,
    {
      method: "POST",
      headers: { ...(ip === undefined ? {} : { "CF-Connecting-IP": ip }), ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    },
  );
  return readAnswer<Triggered>(response);
}

/** The webhook's last calls. */
export async function callsOf(account: Client, webhookId: string): Promise<Calls> {
  return (await account.send<Calls>("GET", `/api/webhooks/${webhookId}/calls`)).body;
}

/** Waits, not for ever, until this many calls are recorded: that happens behind the answer's back. Newest first. */
export async function recorded(account: Client, webhookId: string, count: number): Promise<CallView[]> {
  return vi.waitFor(
    async () => {
      const { items } = await callsOf(account, webhookId);
      if (items.length < count) throw new Error(`${items.length} of ${count} calls are recorded`);
      return items;
    },
    { timeout: 4_000, interval: 20 },
  );
}

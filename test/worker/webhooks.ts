import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { vi } from "vitest";
import type { z } from "zod";
import type { Env } from "../../src/env.ts";
import worker from "../../src/index.ts";
import type { CallView, callsSchema, WebhookView } from "../../src/webhooks/inputs.ts";
import { type Account, type Answer, type Client, ORIGIN, readAnswer } from "./accounts.ts";
import { answerAsOpenAi } from "./model.ts";
import { createWorkflow } from "./workflows.ts";

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

/** A model that repeats what it is asked. */
export const echo = () => answerAsOpenAi(({ prompt }) => ({ text: prompt }));

/** A body as its sender signs it. */
export const bytes = (text: string) => new Uint8Array(new TextEncoder().encode(text));

/** A workflow's webhooks, as this account sees them. */
export async function listed(who: Account, workflowId: string): Promise<Webhook[]> {
  return (await who.send<{ items: Webhook[] }>("GET", `/api/workflows/${workflowId}/webhooks`)).body.items;
}

/** What tests of webhooks do over the API, as this account. */
export function webhooking(account: () => Account) {
  return {
    /** A webhook of a new workflow of one agent, who is given what comes in. */
    async webhook(body: object = {}, settings: object = {}): Promise<Webhook> {
      const agents = { a: { prompt: "{{input}}" } };
      return createWebhook(account(), await createWorkflow(account(), ["a"], { agents, settings }), body);
    },

    /** Changes a webhook by what is given. */
    change: (id: string, body: object) => account().send<Webhook>("PUT", `/api/webhooks/${id}`, body),

    /** How many executions a workflow has. */
    async countOf(workflowId: string): Promise<number> {
      const path = `/api/executions?workflowId=${workflowId}&limit=200`;
      return (await account().send<{ items: unknown[] }>("GET", path)).body.items.length;
    },
  };
}

/** The database, with every batch in the hands of a test: `run` carries it out. `nth` counts from 1. */
export function withBatches(db: D1Database, around: (run: () => unknown, nth: number) => unknown): D1Database {
  let nth = 0;
  return new Proxy(db, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      if (property !== "batch") return value.bind(target);
      return async (...args: unknown[]) => {
        nth += 1;
        return around(() => value.apply(target, args), nth);
      };
    },
  });
}

/** Calls a webhook at a Worker with some bindings of the test's own, and waits for what goes on behind the answer. */
export async function callWith(
  hook: Pick<Webhook, "webhookUrl">,
  over: Partial<Env>,
  headers: Record<string, string> = {},
): Promise<Answer<Triggered>> {
  const context = createExecutionContext();
  const request = new Request(hook.webhookUrl, { method: "POST", headers });
  const answer = await worker.fetch(request, { ...env, ...over }, context);
  await waitOnExecutionContext(context);
  return readAnswer<Triggered>(answer);
}

/** The gates, with every call of one method in the hands of a test: `run` carries it out. `nth` counts from 1. */
export function withGate(
  method: string,
  around: (run: () => unknown, nth: number) => unknown,
): typeof env.WEBHOOK_GATE {
  let nth = 0;
  return new Proxy(env.WEBHOOK_GATE, {
    get(namespace, property) {
      if (property !== "getByName") return Reflect.get(namespace, property);
      return (name: string) => {
        const stub = namespace.getByName(name);
        const methods = ["reserve", "settle", "calls", "call", "clear"] as const;
        const gate = methods.map((each) => [
          each,
          (...args: unknown[]) => {
            const run = () => Reflect.apply(stub[each], stub, args);
            if (each !== method) return run();
            nth += 1;
            return around(run, nth);
          },
        ]);
        return Object.fromEntries(gate);
      };
    },
  });
}

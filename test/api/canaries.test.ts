import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import {
  type Account,
  apiKey,
  type Client,
  invite,
  joinAs,
  nobody,
  PASSWORD,
  signIn,
  signUp,
} from "../worker/accounts.ts";
import { type Canaries, canariesIn, everythingStored, textOf } from "../worker/canaries.ts";
import { ended, execute } from "../worker/executions.ts";
import { call, createWebhook, recorded } from "../worker/webhooks.ts";
import { createWorkflow } from "../worker/workflows.ts";

/** Shown to editors for as long as it is valid, since whoever sets a sender up needs it, and there alone. */
const SHOWN_AGAIN = ["secret of a webhook", "signing secret of a webhook"];
const SHOWN_AT = /\/webhooks(\/[^/]+)?$/;

let owner: Account;
let viewer: Account;
let key: Client;
/** What of the answers showed each secret its once, and everything else that was answered or logged. */
const canaries: Canaries = {};
let logged = "";
let ids: Record<string, string>;

const linked = z.object({ link: z.string() });
const tokenOf = (body: unknown) => linked.parse(body).link.split("/").at(-1) ?? "";

/** A provider that quotes the key it was given, as some do when they refuse it. */
function quotingProvider(): void {
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const given = new Request(input, init).headers.get("Authorization");
    const message = `Incorrect API key provided: ${given}. You can find your key at https://example.com.`;
    return Response.json(
      { error: { message, type: "invalid_request_error", code: "invalid_api_key" } },
      { status: 401 },
    );
  });
}

beforeAll(async () => {
  for (const level of ["debug", "info", "log", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((...args) => {
      logged += `${args.join(" ")}\n`;
    });
  }
  quotingProvider();
  owner = await signUp("Olga");
  viewer = await joinAs(owner, "viewer", "Vera");
  const made = await apiKey(owner);
  key = made;
  const wrong = "a wrong password that somebody typed";
  await signIn(owner.email, wrong);
  const invitation = await invite(owner, "editor");
  const members = await owner.send<{ items: { id: string }[] }>("GET", "/api/members");
  const memberId = members.body.items.at(-1)?.id ?? "";
  const reset = tokenOf((await owner.send("POST", `/api/members/${memberId}/password-reset`)).body);
  const provider = `sk-proj-${"canary7Q".repeat(6)}`;
  await owner.send("PUT", "/api/credentials/openai", { apiKey: provider });
  await owner.send("POST", "/api/credentials/openai/test", {});

  const workflowId = await createWorkflow(owner, ["a>b"], { agents: { a: { prompt: "{{input}}" } } });
  const signed = "the-secret-that-a-sender-dictates-1";
  const hook = await createWebhook(owner, workflowId, {
    signature: { scheme: "hmac", header: "X-Sig", secret: signed },
  });
  const open = await createWebhook(owner, workflowId, {});
  await call(open, { body: { n: 1 } });
  await call(hook, { body: { n: 1 }, headers: { "X-Sig": "no" } });
  const wrongSecret = "whsec-that-nobody-ever-made";
  await call({ workflowId, secretKey: wrongSecret });
  const wrongKey = `swarm_${"wrong".repeat(9)}`;
  await nobody.send("GET", "/api/workflows", undefined, { Authorization: `Bearer ${wrongKey}` });
  const budget = await owner.send<{ id: string; webhookSecret: string }>("POST", "/api/budgets", {
    ...{ period: "day", limitUsd: "1", webhookUrl: "https://alerts.example.com/hook" },
  });
  const schedule = await owner.send<{ id: string }>("POST", `/api/workflows/${workflowId}/schedules`, {
    cronExpression: "0 3 1 1 *",
  });
  const executionId = await execute(owner, workflowId, { input: "go" });
  await ended(owner, executionId);
  await recorded(owner, open.id, 1);
  const options = { includeVersions: true, includeExecutions: true, includeSchedules: true, includeWebhooks: true };
  const bulk = await owner.send<{ exportId: string }>("POST", "/api/workflows/bulk-export", { all: true, ...options });
  await vi.waitFor(async () => {
    const { body } = await owner.send<{ status: string }>("GET", `/api/exports/${bulk.body.exportId}`);
    expect(body.status).toBe("ready");
  });
  Object.assign(canaries, {
    "key of a provider": provider,
    "signing secret of a webhook": signed,
    "secret of a webhook": open.secretKey,
    "secret that nobody made": wrongSecret,
    "API key": made.key,
    "API key that nobody made": wrongKey,
    "session's cookie": decodeURIComponent(owner.cookie.split("=").slice(1).join("=")),
    password: PASSWORD,
    "password that was wrong": wrong,
    "link of an invitation": invitation,
    "link of a password reset": reset,
    "secret of a budget's webhook": budget.body.webhookSecret,
    AUTH_SECRET: env.AUTH_SECRET,
    ENCRYPTION_KEY: env.ENCRYPTION_KEY,
  });
  ids = { workflows: workflowId, executions: executionId, webhooks: open.id, budgets: budget.body.id };
  Object.assign(ids, { schedules: schedule.body.id, exports: bulk.body.exportId, versions: "1" });
}, 30_000);
afterAll(() => {
  vi.restoreAllMocks();
});

test("every secret is one", () => {
  for (const [name, secret] of Object.entries(canaries)) expect([name, secret.length >= 16]).toEqual([name, true]);
  expect(canariesIn(`x${btoa(PASSWORD)}y`, canaries)).toEqual(["password"]);
});

describe("no secret is to be read", () => {
  test("in what is stored, wherever it lies", async () => {
    const stored = await everythingStored();
    expect(stored.size).toBeGreaterThan(100);
    const found = [...stored].flatMap(([place, text]) => canariesIn(text, canaries).map((name) => `${name}: ${place}`));
    expect(found).toEqual([]);
  });

  test("in the log", async () => {
    expect(logged.length).toBeGreaterThan(200);
    expect(canariesIn(logged, canaries)).toEqual([]);
  });

  test("in any answer to a viewer, an owner or a key, but for webhooks' own secrets to who may change them", async () => {
    const document = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });
    const { paths } = document.parse((await nobody.send("GET", "/api/openapi.json")).body);
    const addresses = Object.entries(paths).flatMap(([path, methods]) => ("get" in methods ? [addressOf(path)] : []));
    let answered = 0;
    const found: string[] = [];
    for (const [who, client] of Object.entries({ viewer, owner, key })) {
      for (const address of addresses) {
        const response = await client.fetch(address);
        if (response.status === 200) answered += 1;
        const headers = [...response.headers].join();
        const text = headers + textOf(new Uint8Array(await response.arrayBuffer()));
        const shown = who === "viewer" || !SHOWN_AT.test(address) ? [] : SHOWN_AGAIN;
        const names = canariesIn(text, canaries).filter((name) => !shown.includes(name));
        found.push(...names.map((name) => `${name}: ${who} ${address}`));
      }
    }
    expect(answered).toBeGreaterThan(80);
    expect(found).toEqual([]);
  });
});

/** A path of the document with the ids of what is there. */
function addressOf(path: string): string {
  const segments = path.split("/");
  const filled = segments.map((segment, place) => {
    if (!segment.startsWith("{")) return segment;
    const owned = ids[segments[place - 1] ?? ""];
    return owned ?? (segment === "{nodeId}" ? "a" : "1");
  });
  const everything =
    "?includeVersions=true&includeExecutions=true&includeKnowledge=true&includeSchedules=true&includeWebhooks=true";
  return `${filled.join("/")}${path.endsWith("/{id}/export") ? everything : ""}`;
}

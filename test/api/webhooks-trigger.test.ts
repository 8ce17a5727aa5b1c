import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { openGates, rotateSecrets, tidyWebhooks } from "../../src/webhooks/index.ts";
import { signSample } from "../support/sign-sample.ts";
import { type Account, joinAs, ORIGIN, signUp } from "../worker/accounts.ts";
import { testClock, testEngine } from "../worker/engine.ts";
import { ended, settled } from "../worker/executions.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { tableNames } from "../worker/rows.ts";
import { bytes, call, echo, recorded, type Webhook, webhooking } from "../worker/webhooks.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(async () => {
  await settled();
  vi.restoreAllMocks();
});
const { webhook, countOf } = webhooking(() => account);

describe("a call", () => {
  test("starts an execution with the payload as its input, triggered by the webhook, and is counted", async () => {
    const calls = echo();
    const hook = await webhook();
    const answer = await call(hook, { body: { key: "value" } });
    expect([answer.status, answer.body]).toEqual([202, { success: true, executionId: expect.any(String) }]);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    const execution = await ended(account, answer.body.executionId);
    expect(execution).toMatchObject({
      status: "succeeded",
      input: { key: "value" },
      trigger: { type: "webhook", id: hook.id },
    });
    expect(calls[0]?.prompt).toContain("value");
    const [shown] = (await account.send<{ items: Webhook[] }>("GET", `/api/workflows/${hook.workflowId}/webhooks`)).body
      .items;
    expect(shown).toMatchObject({ triggerCount: 1, lastTriggeredAt: expect.stringMatching(/^\d{4}-.*Z$/) });
    const [recordedCall] = await recorded(account, hook.id, 1);
    expect(recordedCall).toMatchObject({
      status: 202,
      outcome: "started",
      failedCheck: null,
      executionId: answer.body.executionId,
      payloadPreview: '{"key":"value"}',
      replayable: true,
    });
  });

  test("tells where the limit stands, and is refused with Retry-After once it is reached", async () => {
    echo();
    const hook = await webhook({ rateLimit: { limit: 2, windowSeconds: 60 } });
    const first = await call(hook);
    expect([first.headers.get("RateLimit-Limit"), first.headers.get("RateLimit-Remaining")]).toEqual(["2", "1"]);
    await call(hook);
    const third = await call(hook);
    expect([third.status, third.body.success, third.body.error.code]).toEqual([429, false, "rate_limited"]);
    expect(Number(third.headers.get("Retry-After"))).toBeGreaterThan(50);
    expect(third.headers.get("RateLimit-Remaining")).toBe("0");
    expect(await countOf(hook.workflowId)).toBe(2);
    const [last] = await recorded(account, hook.id, 3);
    expect(last).toMatchObject({ status: 429, outcome: "refused", failedCheck: "limit", replayable: false });
  });

  test("is not counted against the limit when it is refused", async () => {
    echo();
    const hook = await webhook({ rateLimit: { limit: 1 }, payloadTransformer: { "title!": "title" } });
    expect((await call(hook, { body: {} })).status).toBe(422);
    expect((await call(hook, { body: "no json" })).status).toBe(400);
    expect((await call(hook, { body: { title: "one" } })).status).toBe(202);
    expect((await call(hook, { body: { title: "two" } })).status).toBe(429);
  });

  test("with a form is read like one with JSON", async () => {
    echo();
    const hook = await webhook();
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const slack = await call(hook, { body: "command=%2Fdeploy&text=to+production", headers });
    expect((await ended(account, slack.body.executionId)).input).toEqual({ command: "/deploy", text: "to production" });
    const github = await call(hook, { body: `payload=${encodeURIComponent('{"zen":"Speak."}')}`, headers });
    expect((await ended(account, github.body.executionId)).input).toEqual({ zen: "Speak." });
  });

  test("is mapped into the workflow's input", async () => {
    echo();
    const payloadTransformer = {
      title: "issue.title",
      "who!": "sender.login",
      first: "issue.labels.0.name",
      none: "no.where",
    };
    const hook = await webhook({ payloadTransformer });
    const body = { issue: { title: "It breaks", labels: [{ name: "bug" }] }, sender: { login: "ada" } };
    const { executionId } = (await call(hook, { body })).body;
    expect((await ended(account, executionId)).input).toEqual({
      title: "It breaks",
      who: "ada",
      first: "bug",
      none: null,
    });
  });

  test("without a body starts with {}", async () => {
    echo();
    const hook = await webhook();
    const { executionId } = (await call(hook, { body: "" })).body;
    expect((await ended(account, executionId)).input).toEqual({});
  });
});

test("only POST is taken at the address", async () => {
  const hook = await webhook();
  const answer = await account.fetch(new URL(hook.webhookUrl).pathname);
  expect([answer.status, hook.webhookUrl.startsWith(ORIGIN)]).toEqual([404, true]);
  // What was not there a moment ago may be there now, and the address holds a secret.
  expect(answer.headers.get("Cache-Control")).toBe("no-store");
});

test("a tenant's secrets lie nowhere in the open: not in tables, buckets, objects, logs or answers", async () => {
  const held: string[] = [];
  for (const level of ["debug", "info", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((...args) => void held.push(args.join(" ")));
  }
  const PROVIDER_KEY = "sk-canary-of-the-provider-91c4b7";
  const SENDER = "canary-of-the-sender-5f1c0e";
  answerAsOpenAi(() => ({ text: "large ".repeat(60_000) }));
  const viewer = await joinAs(account, "viewer");
  const own = await webhook({ rotateAfterDays: 1 });
  const signed = await webhook({ signature: { scheme: "github", secret: SENDER } });
  await account.send("PUT", "/api/credentials/openai", { apiKey: PROVIDER_KEY });
  const signedCall = async (secret: string) => {
    const sample = { signature: { scheme: "github" } as const, rawBody: bytes("{}"), deliveryId: "canary", now: 0 };
    return call(signed, { body: "{}", headers: await signSample({ ...sample, secret }), query: "?wait=10" });
  };
  const answers = [
    await signedCall(SENDER),
    await signedCall("wrong"),
    await call(own, { query: "?wait=10" }),
    await call(own, { body: "{" }),
    await call({ ...own, secretKey: `${own.secretKey}-misspelt` }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 401, 200, 400, 404]);
  held.push(...answers.map(({ body, headers }) => JSON.stringify([body, [...headers]])));
  const fresh = (await account.send<Webhook>("POST", `/api/webhooks/${own.id}/regenerate`, { graceSeconds: 60 })).body;
  const clock = testClock(Date.now() + 2 * 86_400_000);
  await rotateSecrets(testEngine({}, clock), { ENCRYPTION_KEY: env.ENCRYPTION_KEY });
  await tidyWebhooks(testEngine({}, clock), openGates(env.WEBHOOK_GATE));
  await recorded(account, own.id, 2);
  await recorded(account, signed.id, 2);
  const path = `/api/workflows/${own.workflowId}/webhooks`;
  const rotated = (await account.send<{ items: Webhook[] }>("GET", path)).body.items[0]?.secretKey ?? "";
  const secrets = [own.secretKey, fresh.secretKey, rotated, signed.secretKey, SENDER, PROVIDER_KEY];
  expect(new Set(secrets).size).toBe(6);

  for (const table of await tableNames()) {
    held.push(JSON.stringify((await env.DB.prepare(`SELECT * FROM ${table}`).all()).results));
  }
  let objects = 0;
  for (const bucket of [env.OUTPUTS, env.EXPORTS]) {
    for (const { key } of (await bucket.list()).objects) {
      held.push(key, (await (await bucket.get(key))?.text()) ?? "");
      objects += 1;
    }
  }
  expect(objects).toBeGreaterThan(0);
  for (const { id } of [own, signed]) {
    const stored = await runInDurableObject(env.WEBHOOK_GATE.getByName(id), (_, { storage: { sql } }) =>
      ["slots", "calls"].map((table) => JSON.stringify(sql.exec(`SELECT * FROM ${table}`).toArray())),
    );
    expect(stored.join()).toContain(id === own.id ? '"{}"' : "signature_mismatch");
    held.push(...stored);
  }
  const { items: executions } = (await account.send<{ items: { id: string }[] }>("GET", "/api/executions?limit=2"))
    .body;
  expect(executions.length).toBe(2);
  for (const who of [account, viewer]) {
    for (const where of [
      "/api/events",
      "/api/executions",
      ...executions.flatMap(({ id }) => ["", "/logs", "/attempts"].map((part) => `/api/executions/${id}${part}`)),
      "/api/workflows",
      `/api/workflows/${own.workflowId}`,
      `/api/webhooks/${own.id}/calls`,
      `/api/webhooks/${signed.id}/calls`,
      "/api/credentials",
      "/api/me",
    ]) {
      held.push(await (await who.fetch(where)).text());
    }
  }
  for (const { workflowId } of [own, signed]) {
    held.push(await (await viewer.fetch(`/api/workflows/${workflowId}/webhooks`)).text());
  }
  // Counted, because a table that holds one is too much to be shown.
  for (const secret of secrets) expect(held.filter((text) => text.includes(secret)).length).toBe(0);
  await account.send("DELETE", "/api/credentials/openai");
}, 20_000);

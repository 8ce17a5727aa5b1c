import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import worker from "../../src/index.ts";
import { signSample } from "../../src/webhooks/rules/signature.ts";
import { type Account, ORIGIN, signUp } from "../worker/accounts.ts";
import { ended, settled } from "../worker/executions.ts";
import { watch } from "../worker/live.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { call, callsOf, createWebhook, recorded, type Webhook } from "../worker/webhooks.ts";
import { createWorkflow, definitionOf } from "../worker/workflows.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(async () => {
  await settled();
  vi.restoreAllMocks();
});

/** A webhook of a new workflow of one agent, who repeats what comes in. */
async function webhook(body: object = {}, settings: object = {}): Promise<Webhook> {
  const agents = { a: { prompt: "{{input}}" } };
  return createWebhook(account, await createWorkflow(account, ["a"], { agents, settings }), body);
}

const echo = () => answerAsOpenAi(({ prompt }) => ({ text: prompt }));

async function executionsOf(workflowId: string): Promise<{ id: string; trigger: object }[]> {
  const path = `/api/executions?workflowId=${workflowId}`;
  return (await account.send<{ items: { id: string; trigger: object }[] }>("GET", path)).body.items;
}

const countOf = async (workflowId: string) => (await executionsOf(workflowId)).length;

/** A database whose next call of this method fails, once. */
function failingAt(db: D1Database, method: "prepare" | "batch", message = "a fault of ours"): D1Database {
  let failures = 1;
  return new Proxy(db, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (property === method && failures > 0) {
          failures -= 1;
          throw new Error(message);
        }
        return value.apply(target, args);
      };
    },
  });
}

const bytes = (text: string) => new TextEncoder().encode(text);

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
    expect(last).toMatchObject({ status: 429, outcome: "refused", failedCheck: "limit", replayable: true });
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

describe("refusals", () => {
  const GITHUB = { signature: { scheme: "github", secret: "It's a Secret to Everybody" } };
  const schema = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };

  test.each([
    [
      "an address that is not allowed",
      403,
      "address_not_allowed",
      "address",
      { ipWhitelist: ["192.0.2.0/24"] },
      { ip: "198.51.100.1" },
    ],
    ["no address where one is asked for", 403, "address_not_allowed", "address", { ipWhitelist: ["192.0.2.1"] }, {}],
    ["a body over 100 KB", 413, "body_too_large", "size", {}, { body: "x".repeat(100 * 1_024 + 1) }],
    ["no signature", 401, "signature_invalid", "signature_missing", GITHUB, {}],
    [
      "a signature of something else",
      401,
      "signature_invalid",
      "signature_mismatch",
      GITHUB,
      { headers: { "X-Hub-Signature-256": `sha256=${"0".repeat(64)}` } },
    ],
    ["a body that is no JSON", 400, "malformed_request", "body", {}, { body: "{" }],
    [
      "a body that is nested without end",
      400,
      "malformed_request",
      "body",
      {},
      { body: "[".repeat(2_000) + "]".repeat(2_000) },
    ],
    ["a payload without a required field", 422, "mapping_failed", "mapping", { payloadTransformer: { "a!": "a" } }, {}],
    ["a wait that is none", 422, "invalid_fields", "wait", {}, { query: "?wait=long" }],
    ["a wait that is too long", 422, "invalid_fields", "wait", {}, { query: "?wait=26" }],
  ])("%s", async (_, status, code, failedCheck, body, options) => {
    const hook = await webhook(body);
    const answer = await call(hook, options);
    expect([answer.status, answer.body]).toEqual([
      status,
      {
        success: false,
        error: { code, message: expect.any(String), details: expect.any(Array), requestId: expect.any(String) },
      },
    ]);
    const [seen] = await recorded(account, hook.id, 1);
    expect(seen).toMatchObject({ status, outcome: "refused", failedCheck, executionId: null });
    expect(await countOf(hook.workflowId)).toBe(0);
  });

  test("an input that the workflow's schema refuses is answered with the places of its faults", async () => {
    const hook = await webhook({}, { inputSchema: schema });
    const answer = await call(hook, { body: { n: "one" } });
    expect([answer.status, answer.body.error.code]).toEqual([422, "input_invalid"]);
    expect(answer.body.error.details[0]?.path).toBe("input.n");
    expect((await recorded(account, hook.id, 1))[0]).toMatchObject({ failedCheck: "input", replayable: true });
  });

  test("a wrong secret, a workflow that there is not, a disabled webhook and a deleted one are answered alike", async () => {
    const hook = await webhook({ enabled: false });
    const other = await webhook();
    const deleted = await webhook();
    await account.send("DELETE", `/api/webhooks/${deleted.id}`);
    const answers = [
      await call(hook),
      await call(deleted),
      await call({ ...hook, secretKey: "wrong" }),
      await call({ ...hook, secretKey: other.secretKey }),
      await call({ ...hook, secretKey: `${hook.secretKey}${"x".repeat(3_000)}` }),
      await call({ workflowId: "nothing", secretKey: hook.secretKey }),
    ];
    const [first] = answers.map(({ status, body }) => ({ status, ...body.error, requestId: "" }));
    expect(first).toMatchObject({ status: 404, code: "webhook_not_found" });
    for (const { status, body } of answers) {
      expect(body.success).toBe(false);
      expect({ status, ...body.error, requestId: "" }).toEqual(first);
    }
    // The owner sees which of them it was.
    const [seen] = await recorded(account, hook.id, 1);
    expect(seen).toMatchObject({ status: 404, failedCheck: "enabled", replayable: false, payloadPreview: null });
  });

  test("what is wrong with the workflow is told to its owner and not to the caller", async () => {
    const id = await createWorkflow(account, ["a>b", "b>a"]);
    const hook = await createWebhook(account, id);
    const answer = await call(hook);
    expect([answer.status, answer.body.error.code, answer.body.error.details]).toEqual([422, "workflow_invalid", []]);
    const unkeyed = await createWebhook(
      account,
      await createWorkflow(account, ["a"], { agents: { a: { provider: "anthropic", model: "claude-haiku-4-5" } } }),
    );
    expect((await call(unkeyed)).body.error.code).toBe("workflow_invalid");
    expect((await recorded(account, unkeyed.id, 1))[0]).toMatchObject({ failedCheck: "provider_not_configured" });
  });

  test("checks come in their order: the first that fails is the one that is told", async () => {
    const hook = await webhook({ ...GITHUB, ipWhitelist: ["192.0.2.1"], payloadTransformer: { "a!": "a" } });
    const big = "x".repeat(200_000);
    const ip = "192.0.2.1";
    const sign = async (body: string) => ({
      "X-Hub-Signature-256": `sha256=${await githubSignature(body)}`,
    });
    const statuses = [
      await call(hook, { body: big, ip: "198.51.100.7" }),
      await call(hook, { body: big, ip }),
      await call(hook, { body: "{", ip }),
      await call(hook, { body: "{", ip, headers: await sign("{") }),
      await call(hook, { body: "{}", ip, headers: await sign("{}") }),
      await call(hook, { body: '{"a":1}', ip, headers: await sign('{"a":1}'), query: "?wait=x" }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([403, 413, 401, 400, 422, 422]);
    await account.send("PUT", `/api/webhooks/${hook.id}`, { enabled: false });
    expect((await call(hook, { body: big, ip: "198.51.100.7" })).status).toBe(404);
  });

  test("a body that never ends is given up as soon as it is too long", async () => {
    const hook = await webhook();
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(new Uint8Array(16_384));
      },
    });
    const answer = await account.fetch(`/api/webhooks/trigger/${hook.workflowId}/${hook.secretKey}`, {
      method: "POST",
      body,
    });
    expect(answer.status).toBe(413);
    expect(sent).toBeLessThan(40);
  });

  test("none of them needs or minds a session, an origin or a content type", async () => {
    echo();
    const hook = await webhook();
    const headers = { Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain" };
    expect((await call(hook, { headers })).status).toBe(202);
  });

  async function githubSignature(body: string): Promise<string> {
    const signed = await signSample({
      signature: { scheme: "github" },
      secret: GITHUB.signature.secret,
      rawBody: bytes(body),
      deliveryId: "x",
      now: 0,
    });
    return (signed["X-Hub-Signature-256"] ?? "").slice("sha256=".length);
  }
});

describe("signatures", () => {
  test.each([
    [{ scheme: "github" }, undefined],
    [{ scheme: "standard" }, undefined],
    [
      { scheme: "standard", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" },
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ],
    [{ scheme: "stripe", secret: "whsec_of_stripe" }, "whsec_of_stripe"],
    [{ scheme: "hmac", header: "X-Signature", encoding: "base64", prefix: "v1:" }, undefined],
  ] as const)("%j signed right is let in, and changed by one byte is not", async (signature, secret) => {
    echo();
    const hook = await webhook({ signature });
    const body = JSON.stringify({ id: crypto.randomUUID(), text: "signed" });
    const headers = await signSample({
      signature:
        hook.signature.scheme === "hmac"
          ? { scheme: "hmac", header: "X-Signature", encoding: "base64", prefix: "v1:" }
          : { scheme: signature.scheme === "hmac" ? "none" : signature.scheme },
      secret: secret ?? hook.signingSecret ?? hook.secretKey,
      rawBody: bytes(body),
      deliveryId: crypto.randomUUID(),
      now: Date.now(),
    });
    expect((await call(hook, { body: body.replace(",", ", "), headers })).status).toBe(401);
    expect((await call(hook, { body, headers })).status).toBe(202);
  });

  test("in a grace, a call to either address may be signed with either secret", async () => {
    echo();
    const old = await webhook({ signature: { scheme: "github" } });
    const answer = await account.send<Webhook>("POST", `/api/webhooks/${old.id}/regenerate`, { graceSeconds: 60 });
    const fresh = answer.body;
    const body = "{}";
    const signedWith = (secret: string) =>
      signSample({
        signature: { scheme: "github" },
        secret,
        rawBody: bytes(body),
        deliveryId: crypto.randomUUID(),
        now: 0,
      });
    for (const address of [old, fresh]) {
      for (const { secretKey } of [old, fresh]) {
        expect((await call(address, { body, headers: await signedWith(secretKey) })).status).toBe(202);
      }
    }
    expect((await call(fresh, { body, headers: await signedWith("neither") })).status).toBe(401);
  });
});

describe("deliveries", () => {
  test.each(["webhook-id", "X-GitHub-Delivery", "Idempotency-Key"])(
    "a repeated %s is answered with the first execution",
    async (name) => {
      echo();
      const hook = await webhook();
      const headers = { [name]: "delivery-1" };
      const first = await call(hook, { headers });
      const second = await call(hook, { headers, body: { another: "body" } });
      expect([second.status, second.body]).toEqual([
        200,
        { success: true, executionId: first.body.executionId, duplicate: true },
      ]);
      expect(await countOf(hook.workflowId)).toBe(1);
      expect((await recorded(account, hook.id, 2))[0]).toMatchObject({ outcome: "duplicate", status: 200 });
    },
  );

  test("fifty copies at once start one execution, and all are told which", async () => {
    echo();
    const hook = await webhook();
    const headers = { "webhook-id": "all-at-once" };
    const answers = await Promise.all(Array.from({ length: 50 }, () => call(hook, { headers })));
    expect(new Set(answers.map(({ body }) => body.executionId)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 202).length).toBe(1);
    expect(answers.filter(({ status, body }) => status === 200 && body.duplicate).length).toBe(49);
    expect(await countOf(hook.workflowId)).toBe(1);
  });

  test("the gate may forget a delivery: its row in the database still knows it", async () => {
    echo();
    const hook = await webhook();
    const headers = { "webhook-id": "remembered" };
    const first = await call(hook, { headers });
    await recorded(account, hook.id, 1);
    await env.WEBHOOK_GATE.getByName(hook.id).clear();
    const second = await call(hook, { headers });
    expect([second.status, second.body]).toEqual([
      200,
      { success: true, executionId: first.body.executionId, duplicate: true },
    ]);
    expect(await countOf(hook.workflowId)).toBe(1);
    // What the gate had reserved for it is given back.
    const third = await call(hook, { headers: { "webhook-id": "new" } });
    expect(third.headers.get("RateLimit-Remaining")).toBe("99");
  });

  test("a delivery is known for a day and no longer, and one of another webhook is another", async () => {
    echo();
    const hook = await webhook();
    const other = await createWebhook(account, hook.workflowId);
    const headers = { "webhook-id": "once-a-day" };
    const first = await call(hook, { headers });
    expect((await call(other, { headers })).status).toBe(202);
    await recorded(account, hook.id, 1);
    await env.WEBHOOK_GATE.getByName(hook.id).clear();
    await env.DB.prepare("UPDATE webhook_deliveries SET created_at = created_at - 86400000 WHERE webhook_id = ?")
      .bind(hook.id)
      .run();
    const next = await call(hook, { headers });
    expect(next.status).toBe(202);
    expect(next.body.executionId).not.toBe(first.body.executionId);
  });
});

describe("faults between gate and batch", () => {
  const sent = (hook: Webhook, headers: Record<string, string>, DB: D1Database) => {
    const request = new Request(hook.webhookUrl, { method: "POST", headers });
    const context = createExecutionContext();
    return { answer: worker.fetch(request, { ...env, DB }, context), over: () => waitOnExecutionContext(context) };
  };

  test("the reservation is given back: the delivery may come again, and counts once", async () => {
    echo();
    const hook = await webhook({ rateLimit: { limit: 1 } });
    const headers = { "webhook-id": "try-again" };
    const first = sent(hook, headers, failingAt(env.DB, "batch"));
    const answer = await first.answer;
    await first.over();
    expect([answer.status, await answer.json()]).toMatchObject([500, { success: false }]);
    expect((await recorded(account, hook.id, 1))[0]).toMatchObject({
      outcome: "failed",
      status: 500,
      replayable: true,
    });
    expect(await countOf(hook.workflowId)).toBe(0);
    expect((await call(hook, { headers })).status).toBe(202);
    expect((await call(hook)).status).toBe(429);
  });

  test("a passing fault that hit behind the effect starts no second execution", async () => {
    echo();
    const hook = await webhook();
    let batches = 0;
    const DB = new Proxy(env.DB, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== "function") return value;
        return async (...args: unknown[]) => {
          if (property === "batch") batches += 1;
          const result: unknown = await value.apply(target, args);
          if (property === "batch" && batches === 1) throw new Error("Network connection lost.");
          return result;
        };
      },
    });
    const wrapped = new Proxy(DB, {
      get: (target, property) => (property === "prepare" ? env.DB.prepare.bind(env.DB) : Reflect.get(target, property)),
    });
    const { answer, over } = sent(hook, { "webhook-id": "twice" }, wrapped);
    expect((await answer).status).toBe(202);
    await over();
    expect(batches).toBe(2);
    expect(await countOf(hook.workflowId)).toBe(1);
  });

  test("a draft that is saved meanwhile is run as it is then", async () => {
    const prompts = answerAsOpenAi(() => ({ text: "ok" }));
    const hook = await webhook();
    await ended(account, (await call(hook)).body.executionId);
    let saved = false;
    const DB = new Proxy(env.DB, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== "function") return value;
        if (property !== "batch") return value.bind(target);
        return async (...args: unknown[]) => {
          if (!saved) {
            saved = true;
            // As a prune of the version would: what was read names nothing any more.
            await env.DB.prepare("UPDATE versions SET content_hash = 'changed' WHERE workflow_id = ?")
              .bind(hook.workflowId)
              .run();
          }
          return value.apply(target, args);
        };
      },
    });
    const { answer, over } = sent(hook, {}, DB);
    expect((await answer).status).toBe(202);
    await over();
    await settled();
    expect(prompts.length).toBe(2);
  });
});

describe("wait", () => {
  test("answers with the result when it is ready in time", async () => {
    answerAsOpenAi(() => ({ text: "the result" }));
    const hook = await webhook();
    const answer = await call(hook, { query: "?wait=10" });
    expect([answer.status, answer.body]).toMatchObject([
      200,
      { success: true, status: "succeeded", output: "the result", executionId: expect.any(String) },
    ]);
  });

  test("says so when the execution failed", async () => {
    answerAsOpenAi(() => ({ status: 401 }));
    const hook = await webhook({}, { stepRetries: 0 });
    const answer = await call(hook, { query: "?wait=10" });
    expect([answer.status, answer.body]).toMatchObject([
      200,
      { success: false, status: "failed", output: null, error: { code: expect.any(String), nodeId: "a" } },
    ]);
  });

  test("is over after so many seconds, and the answer is 202", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    answerAsOpenAi(async () => {
      await promise;
      return { text: "late" };
    });
    const hook = await webhook();
    const answer = await call(hook, { query: "?wait=1" });
    resolve();
    expect([answer.status, answer.body]).toEqual([202, { success: true, executionId: expect.any(String) }]);
  });

  test("of a repeated delivery waits for the first one's result", async () => {
    answerAsOpenAi(() => ({ text: "one for both" }));
    const hook = await webhook();
    const headers = { "webhook-id": "waiting" };
    const [first, second] = await Promise.all([
      call(hook, { headers, query: "?wait=10" }),
      call(hook, { headers, query: "?wait=10" }),
    ]);
    expect([first.body.output, second.body.output]).toEqual(["one for both", "one for both"]);
    expect([first.body.duplicate, second.body.duplicate].filter(Boolean)).toEqual([true]);
  });
});

describe("versions", () => {
  const commit = (id: string, tag?: string) =>
    account.send<{ id: string; version: number }>("POST", `/api/workflows/${id}/versions`, {
      commitMessage: "A commit",
      ...(tag === undefined ? {} : { tag }),
    });

  test("a pinned version runs whatever the draft says; without one the draft runs, committed first", async () => {
    const prompts = answerAsOpenAi(() => ({ text: "ok" }));
    const id = await createWorkflow(account, ["a"], { agents: { a: { prompt: "old" } } });
    const first = await commit(id, "live");
    const hooks = [
      await createWebhook(account, id, { version: "live" }),
      await createWebhook(account, id, { version: 1 }),
      await createWebhook(account, id, { version: first.body.id }),
    ];
    expect(hooks.map(({ version }) => version)).toEqual(["live", 1, first.body.id]);
    const unpinned = await createWebhook(account, id);
    await account.send("PUT", `/api/workflows/${id}`, definitionOf(["a"], { agents: { a: { prompt: "new" } } }));
    for (const hook of [...hooks, unpinned]) {
      await ended(account, (await call(hook)).body.executionId);
    }
    expect(prompts.map(({ prompt }) => prompt)).toEqual(["old", "old", "old", "new"]);
  });

  test("a tag that is gone is the owner's matter, and the caller learns no more", async () => {
    const id = await createWorkflow(account, ["a"]);
    const { body } = await commit(id, "live");
    const hook = await createWebhook(account, id, { version: "live" });
    await account.send("PUT", `/api/versions/${body.id}/tag`, { remove: "live" });
    const answer = await call(hook);
    expect([answer.status, answer.body.error.code]).toEqual([422, "workflow_invalid"]);
    expect((await recorded(account, hook.id, 1))[0]).toMatchObject({ failedCheck: "version" });
  });

  test("a pinned automatic version is not amended by the next save", async () => {
    const id = await createWorkflow(account, ["a"], { agents: { a: { prompt: "one" } } });
    const save = (prompt: string) =>
      account.send("PUT", `/api/workflows/${id}`, definitionOf(["a"], { agents: { a: { prompt } } }));
    await save("two");
    const list = async () =>
      (await account.send<{ items: { id: string; contentHash: string }[] }>("GET", `/api/workflows/${id}/versions`))
        .body.items;
    const [pinned] = await list();
    await createWebhook(account, id, { version: pinned?.id });
    await save("three");
    const after = await list();
    expect(after.length).toBe(2);
    expect(after.at(-1)).toMatchObject({ id: pinned?.id, contentHash: pinned?.contentHash });
  });
});

describe("what owners see", () => {
  test("calls with a wrong secret as a count, and the last ten of each kind of the others", async () => {
    echo();
    const hook = await webhook();
    for (let i = 0; i < 3; i += 1) await call({ ...hook, secretKey: `wrong-${i}` }, { ip: "203.0.113.9" });
    for (let i = 0; i < 12; i += 1) await call(hook, { body: "{" });
    await call(hook);
    await vi.waitFor(
      async () => {
        const { wrongSecrets } = await callsOf(account, hook.id);
        expect(wrongSecrets).toEqual({ count: 3, lastAt: expect.any(String) });
      },
      { timeout: 4_000, interval: 50 },
    );
    const items = await recorded(account, hook.id, 11);
    expect(items.filter(({ outcome }) => outcome === "refused").length).toBe(10);
    expect(items.filter(({ outcome }) => outcome === "started").length).toBe(1);
  });

  test("each call live, admitted or not", async () => {
    echo();
    const hook = await webhook();
    const watcher = await watch(account);
    const started = await call(hook, { body: { secret: "never shown" } });
    await call(hook, { body: "{" });
    await vi.waitFor(
      () => {
        const events = watcher.events.filter(({ type }) => type === "webhook");
        expect(events).toEqual([
          {
            type: "webhook",
            webhookId: hook.id,
            workflowId: hook.workflowId,
            executionId: started.body.executionId,
            outcome: "started",
            at: expect.any(String),
          },
          {
            type: "webhook",
            webhookId: hook.id,
            workflowId: hook.workflowId,
            executionId: null,
            outcome: "refused",
            at: expect.any(String),
          },
        ]);
      },
      { timeout: 4_000, interval: 20 },
    );
    expect(watcher.texts.join()).not.toContain("never shown");
    watcher.socket.close();
  });

  test("a line in the log, without the secret of the address, even when something fails", async () => {
    const lines: string[] = [];
    for (const level of ["debug", "info", "warn", "error"] as const) {
      vi.spyOn(console, level).mockImplementation((...args) => void lines.push(args.join(" ")));
    }
    echo();
    const hook = await webhook();
    await call(hook);
    await call(hook, { body: "{" });
    await call({ ...hook, secretKey: "a-wrong-secret" });
    const failing = { ...env, DB: failingAt(env.DB, "prepare") };
    const path = new URL(hook.webhookUrl).pathname;
    const context = createExecutionContext();
    const failed = await worker.fetch(new Request(`${ORIGIN}${path}`, { method: "POST" }), failing, context);
    await waitOnExecutionContext(context);
    expect([failed.status, await failed.json()]).toMatchObject([500, { success: false, error: { code: "internal" } }]);
    await recorded(account, hook.id, 2);
    const text = lines.join("\n");
    expect(text).toContain('"component":"Webhook","message":"started"');
    expect(text).toContain('"failedCheck":"body"');
    expect(text).toContain("/api/webhooks/trigger/…");
    expect(text).not.toContain(hook.secretKey);
    expect(text).not.toContain("a-wrong-secret");
  });
});

test("an address that sends wrong secrets is slowed down, and a right secret passes all the same", async () => {
  echo();
  const hook = await webhook();
  const late = await webhook();
  const ip = "2001:db8:1:2::1";
  expect((await call(hook, { ip })).status).toBe(202);
  const guesses = (count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, i) =>
        call({ ...hook, secretKey: crypto.randomUUID() }, { ip: `2001:db8:1:2::${i + 2}` }),
      ),
    );
  expect(new Set((await guesses(60)).map(({ status }) => status))).toEqual(new Set([404]));
  const slowed = await guesses(30);
  expect(slowed.map(({ status }) => status)).toContain(429);
  expect(slowed.find(({ status }) => status === 429)?.headers.get("Retry-After")).toBe("1");
  expect((await call(hook, { ip })).status).toBe(202);
  expect((await call(hook, { ip: "2001:db8:1:3::1" })).status).toBe(202);
  // One that was not seen here before waits a moment at most.
  await vi.waitFor(async () => expect((await call(late, { ip })).status).toBe(202), { timeout: 3_000, interval: 250 });
});

test("only POST is taken at the address", async () => {
  const hook = await webhook();
  const answer = await account.fetch(new URL(hook.webhookUrl).pathname);
  expect([answer.status, hook.webhookUrl.startsWith(ORIGIN)]).toEqual([404, true]);
});

import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import worker from "../../src/index.ts";
import { signSample } from "../support/sign-sample.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { settled } from "../worker/executions.ts";
import { bytes, call, createWebhook, echo, recorded, type Webhook, webhooking } from "../worker/webhooks.ts";
import { createWorkflow } from "../worker/workflows.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(async () => {
  await settled();
  vi.restoreAllMocks();
});
const { webhook, countOf } = webhooking(() => account);

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
    ["two waits", 422, "invalid_fields", "wait", {}, { query: "?wait=1&wait=2" }],
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
    expect(seen?.detail).toEqual(expect.any(String));
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
    expect((await recorded(account, unkeyed.id, 1))[0]).toMatchObject({
      failedCheck: "provider_not_configured",
      detail: expect.stringContaining("/api/credentials/anthropic"),
    });
    expect((await recorded(account, hook.id, 1))[0]?.detail).toMatch(/\n(nodes|edges|agents)\S*: /);
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

  test("a sender that goes away while it sends is refused, and no fault of ours", async () => {
    const hook = await webhook();
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes('{"a":'));
        controller.error(new Error("the sender is gone"));
      },
    });
    const answer = await worker.fetch(
      new Request(hook.webhookUrl, { method: "POST", body }),
      env,
      createExecutionContext(),
    );
    expect(answer.status).toBe(400);
    expect((await recorded(account, hook.id, 1))[0]).toMatchObject({ outcome: "refused", failedCheck: "body" });
  });

  test("the owner sees why a signature was refused, the caller does not", async () => {
    const hook = await webhook(GITHUB);
    const answer = await call(hook, { headers: { "X-Hub-Signature-256": "sha256=short" } });
    expect(answer.body.error.message).not.toContain("64 hex digits");
    expect((await recorded(account, hook.id, 1))[0]?.detail).toContain("64 hex digits");
  });

  test("a body that is not UTF-8 is refused, whatever it is called", async () => {
    const hook = await webhook();
    const body = new Uint8Array([0x22, 0xff, 0xfe, 0x22]);
    const answer = await account.fetch(new URL(hook.webhookUrl).pathname, { method: "POST", body });
    expect(answer.status).toBe(400);
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

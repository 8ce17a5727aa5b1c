import { createExecutionContext, createScheduledController, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import worker from "../../src/index.ts";
import { openGates, tidyWebhooks } from "../../src/webhooks/index.ts";
import { type Account, joinAs, signUp } from "../worker/accounts.ts";
import { testClock, testEngine } from "../worker/engine.ts";
import { ended, settled } from "../worker/executions.ts";
import { call, callsOf, createWebhook, echo, listed, recorded, type Webhook, webhooking } from "../worker/webhooks.ts";
import { createWorkflow } from "../worker/workflows.ts";

let account: Account;
let viewer: Account;
let stranger: Account;
beforeAll(async () => {
  account = await signUp();
  viewer = await joinAs(account, "viewer");
  stranger = await signUp();
});
afterEach(async () => {
  await settled();
  vi.restoreAllMocks();
});
const { webhook, countOf, change } = webhooking(() => account);

describe("a webhook", () => {
  test("is made by an empty body, with a secret of 32 bytes and 100 calls an hour", async () => {
    const workflowId = await createWorkflow(account, ["a"]);
    const { status, body } = await account.send<Webhook>("POST", `/api/workflows/${workflowId}/webhooks`);
    expect([status, body]).toEqual([
      201,
      {
        id: expect.any(String),
        workflowId,
        webhookUrl: `http://swarm.test/api/webhooks/trigger/${workflowId}/${body.secretKey}`,
        secretKey: expect.stringMatching(/^[\w-]{43}$/),
        enabled: true,
        triggerCount: 0,
        lastTriggeredAt: null,
        ipWhitelist: [],
        payloadTransformer: null,
        signature: { scheme: "none" },
        rateLimit: { limit: 100, windowSeconds: 3_600 },
        rotateAfterDays: null,
        rotatesAt: null,
        previousSecretValidUntil: null,
        version: null,
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      },
    ]);
    expect(await listed(account, workflowId)).toEqual([body]);
  });

  test("is changed by what is given, and what GET gave may be sent back", async () => {
    const hook = await webhook({ signature: { scheme: "github", secret: "of the sender" }, rotateAfterDays: 30 });
    expect((await change(hook.id, hook)).body).toEqual({ ...hook, updatedAt: expect.any(String) });
    const ipWhitelist = ["::ffff:192.0.2.1", "2001:DB8::/32"];
    const changed = await change(hook.id, { rateLimit: { limit: 5 }, ipWhitelist });
    expect(changed.body).toMatchObject({
      rateLimit: { limit: 5, windowSeconds: 3_600 },
      ipWhitelist: ["192.0.2.1", "2001:db8::/32"],
      signature: hook.signature,
      secretKey: hook.secretKey,
    });
    const off = await change(hook.id, { signature: { scheme: "none" }, rotateAfterDays: null, enabled: false });
    expect(off.body).toMatchObject({ signature: { scheme: "none" }, rotatesAt: null, enabled: false });
  });

  test("with the scheme standard shows its signing key as libraries take it", async () => {
    const own = await webhook({ signature: { scheme: "standard" } });
    expect(own.signingSecret).toBe(`whsec_${btoa(own.secretKey)}`);
    const dictated = await webhook({ signature: { scheme: "standard", secret: "whsec_AAECAwQFBgcICQ==" } });
    expect(dictated.signingSecret).toBe("whsec_AAECAwQFBgcICQ==");
  });

  test.each([
    [{ ipWhitelist: ["10.0.0.300"] }, "ipWhitelist[0]"],
    [{ ipWhitelist: "10.0.0.1" }, "ipWhitelist"],
    [{ payloadTransformer: { title: "[" } }, "payloadTransformer.title"],
    [{ payloadTransformer: { title: 1 } }, "payloadTransformer.title"],
    [{ signature: { scheme: "sha1" } }, "signature.scheme"],
    [{ signature: { scheme: "hmac" } }, "signature.header"],
    [{ signature: { scheme: "hmac", header: "no spaces" } }, "signature.header"],
    [{ signature: { scheme: "standard", secret: "whsec_not base64" } }, "signature.secret"],
    [{ signature: { scheme: "github", secret: "" } }, "signature.secret"],
    [{ rateLimit: { limit: 0 } }, "rateLimit.limit"],
    [{ rateLimit: { limit: 100_000 } }, "rateLimit.limit"],
    [{ rateLimit: { limit: 1, windowSeconds: 1e9 } }, "rateLimit.windowSeconds"],
    [{ rotateAfterDays: 0 }, "rotateAfterDays"],
    [{ rotateAfterDays: 1.5 }, "rotateAfterDays"],
    [{ version: "" }, "version"],
    [{ enabled: "yes" }, "enabled"],
    [{ unknown: 1 }, "unknown"],
  ])("%j is refused with the place of the fault, on creation and on a change", async (body, path) => {
    const hook = await webhook();
    for (const answer of [
      await account.send("POST", `/api/workflows/${hook.workflowId}/webhooks`, body),
      await account.send("PUT", `/api/webhooks/${hook.id}`, body),
    ]) {
      expect(answer).toMatchObject({ status: 422, body: { error: { code: "invalid_fields" } } });
      expect(JSON.stringify(answer.body)).toContain(JSON.stringify(path).slice(1, -1));
    }
    expect((await listed(account, hook.workflowId)).length).toBe(1);
  });

  test("cannot be pinned to a version that there is not", async () => {
    const workflowId = await createWorkflow(account, ["a"]);
    for (const version of ["production", 7, crypto.randomUUID()]) {
      const answer = await account.send("POST", `/api/workflows/${workflowId}/webhooks`, { version });
      expect(answer).toMatchObject({ status: 404, body: { error: { code: "version_not_found" } } });
    }
  });

  test("is listed page by page, newest first", async () => {
    const workflowId = await createWorkflow(account, ["a"]);
    const made: string[] = [];
    for (let i = 0; i < 3; i += 1) made.unshift((await createWebhook(account, workflowId)).id);
    const path = `/api/workflows/${workflowId}/webhooks?limit=2`;
    const first = await account.send<{ items: Webhook[]; nextCursor: string }>("GET", path);
    const second = await account.send<{ items: Webhook[] }>("GET", `${path}&cursor=${first.body.nextCursor}`);
    expect([...first.body.items, ...second.body.items].map(({ id }) => id)).toEqual(made);
  });
});

describe("who may", () => {
  test("viewers see no secret and change nothing", async () => {
    const hook = await webhook({ signature: { scheme: "standard", secret: "whsec_c2lnbmluZw==" } });
    const [seen] = await listed(viewer, hook.workflowId);
    expect(seen).toMatchObject({ id: hook.id, secretKey: "********", signingSecret: "********" });
    expect(JSON.stringify(seen)).not.toContain(hook.secretKey);
    expect(JSON.stringify(seen)).not.toContain("c2lnbmluZw");
    expect((await viewer.send("GET", `/api/webhooks/${hook.id}`)).body).toEqual(seen);
    expect((await callsOf(viewer, hook.id)).items).toEqual([]);
    const attempts = [
      await viewer.send("POST", `/api/workflows/${hook.workflowId}/webhooks`, { nonsense: true }),
      await viewer.send("PUT", `/api/webhooks/${hook.id}`, { enabled: false }),
      await viewer.send("DELETE", `/api/webhooks/${hook.id}`),
      await viewer.send("POST", `/api/webhooks/${hook.id}/regenerate`),
      await viewer.send("POST", `/api/webhooks/${hook.id}/test`, {}),
      await viewer.send("GET", `/api/webhooks/${hook.id}/calls/x`),
      await viewer.send("POST", `/api/webhooks/${hook.id}/calls/x/replay`),
    ];
    expect(new Set(attempts.map(({ status }) => status))).toEqual(new Set([403]));
  });

  test("another workspace's webhook is not found, like one that there is not", async () => {
    echo();
    const hook = await webhook();
    await call(hook);
    const [kept] = await recorded(account, hook.id, 1);
    const attempts = [
      await stranger.send("GET", `/api/workflows/${hook.workflowId}/webhooks`),
      await stranger.send("POST", `/api/workflows/${hook.workflowId}/webhooks`, {}),
      await stranger.send("PUT", `/api/webhooks/${hook.id}`, { enabled: false }),
      await stranger.send("DELETE", `/api/webhooks/${hook.id}`),
      await stranger.send("POST", `/api/webhooks/${hook.id}/regenerate`),
      await stranger.send("POST", `/api/webhooks/${hook.id}/test`, { callId: kept?.id, dryRun: true }),
      await stranger.send("GET", `/api/webhooks/${hook.id}`),
      await stranger.send("GET", `/api/webhooks/${hook.id}/calls`),
      await stranger.send("GET", `/api/webhooks/${hook.id}/calls/${kept?.id}`),
      await stranger.send("POST", `/api/webhooks/${hook.id}/calls/${kept?.id}/replay`),
    ];
    expect(new Set(attempts.map(({ status }) => status))).toEqual(new Set([404]));
    expect((await call(hook)).status).toBe(202);
  });
});

describe("trying", () => {
  const tested = (id: string, body: object) =>
    account.send<{ success: boolean; transformedInput: unknown; executionId?: string }>(
      "POST",
      `/api/webhooks/${id}/test`,
      body,
    );

  test("a mapping on a payload, before it is saved, writes nothing as a dry run", async () => {
    const hook = await webhook({ payloadTransformer: { old: "a" } });
    const payload = { a: 1, b: [{ c: "deep" }] };
    const answer = await tested(hook.id, { payload, payloadTransformer: { found: "b[0].c" }, dryRun: true });
    expect([answer.status, answer.body]).toEqual([200, { success: true, transformedInput: { found: "deep" } }]);
    expect((await tested(hook.id, { payload, dryRun: true })).body.transformedInput).toEqual({ old: 1 });
    expect((await tested(hook.id, { payload, payloadTransformer: null, dryRun: true })).body.transformedInput).toEqual(
      payload,
    );
    expect(await countOf(hook.workflowId)).toBe(0);
    expect((await callsOf(account, hook.id)).items).toEqual([]);
  });

  test("a payload for real starts an execution, and counts as no call", async () => {
    echo();
    const hook = await webhook({ rateLimit: { limit: 1 } });
    const { body } = await tested(hook.id, { payload: { a: 1 } });
    expect((await ended(account, body.executionId ?? "")).trigger).toEqual({ type: "webhook", id: hook.id });
    expect((await listed(account, hook.workflowId))[0]?.triggerCount).toBe(0);
    expect((await call(hook)).status).toBe(202);
  });

  test.each([
    [{ payload: {}, payloadTransformer: { "a!": "a" }, dryRun: true }, 422, "mapping_failed"],
    [{ payload: {}, payloadTransformer: { a: "[" }, dryRun: true }, 422, "invalid_fields"],
    [{ payload: {}, callId: "x" }, 422, "invalid_fields"],
    [{ callId: "x" }, 404, "call_not_found"],
    [{ payload: "x".repeat(110_000) }, 422, "invalid_fields"],
    [{ dryRun: "yes" }, 422, "invalid_fields"],
  ])("%j is refused", async (body, status, code) => {
    const hook = await webhook();
    expect(await tested(hook.id, body)).toMatchObject({ status, body: { error: { code } } });
  });

  test("an earlier call, with the mapping as it is now; a refused one past its signature too", async () => {
    echo();
    const hook = await webhook({ payloadTransformer: { "title!": "title" } });
    await call(hook, { body: { name: "mapped late" } });
    const [refused] = await recorded(account, hook.id, 1);
    const callId = refused?.id ?? "";
    const read = await account.send("GET", `/api/webhooks/${hook.id}/calls/${callId}`);
    expect([read.status, read.body]).toEqual([200, { id: callId, payload: { name: "mapped late" } }]);
    const dry = { callId, payloadTransformer: { title: "name" }, dryRun: true };
    expect((await tested(hook.id, dry)).body.transformedInput).toEqual({ title: "mapped late" });
    const replay = () =>
      account.send<{ executionId: string }>("POST", `/api/webhooks/${hook.id}/calls/${callId}/replay`);
    expect((await replay()).status).toBe(422);
    await change(hook.id, { payloadTransformer: { title: "name" } });
    const replayed = await replay();
    expect(replayed.status).toBe(202);
    expect((await ended(account, replayed.body.executionId)).input).toEqual({ title: "mapped late" });
  });

  test("twice under one Idempotency-Key starts one execution, a replay and a test alike", async () => {
    echo();
    const hook = await webhook();
    await call(hook);
    const [kept] = await recorded(account, hook.id, 1);
    const paths = [`/api/webhooks/${hook.id}/calls/${kept?.id}/replay`, `/api/webhooks/${hook.id}/test`];
    for (const path of paths) {
      const send = (key: string) => account.send<{ executionId: string }>("POST", path, {}, { "Idempotency-Key": key });
      const [first, second, other] = [await send("once"), await send("once"), await send("again")];
      expect([second.status, second.body.executionId]).toEqual([first.status, first.body.executionId]);
      expect(other.body.executionId).not.toBe(first.body.executionId);
    }
    // The call itself may be pushed out by then.
    await env.WEBHOOK_GATE.getByName(hook.id).clear();
    const [path = ""] = paths;
    expect((await account.send("POST", path, {}, { "Idempotency-Key": "once" })).status).toBe(202);
    expect(await countOf(hook.workflowId)).toBe(5);
  });

  test("a payload that is null is null", async () => {
    const hook = await webhook();
    expect((await tested(hook.id, { payload: null, dryRun: true })).body.transformedInput).toBeNull();
    expect((await tested(hook.id, { dryRun: true })).body.transformedInput).toEqual({});
  });

  test("a call that did not get past its address or signature cannot be replayed", async () => {
    const hook = await webhook({ ipWhitelist: ["192.0.2.1"], signature: { scheme: "github" } });
    await call(hook, { body: { a: 1 } });
    await call(hook, { body: { a: 1 }, ip: "192.0.2.1" });
    for (const { id, replayable, payloadPreview } of await recorded(account, hook.id, 2)) {
      expect([replayable, payloadPreview]).toEqual([false, null]);
      const answer = await account.send("POST", `/api/webhooks/${hook.id}/calls/${id}/replay`);
      expect(answer).toMatchObject({ status: 409, body: { error: { code: "call_not_replayable" } } });
    }
  });
});

describe("deletion", () => {
  test("takes the calls along, at once and again when a late one came in", async () => {
    echo();
    const hook = await webhook();
    await call(hook, { headers: { "webhook-id": "1" } });
    await recorded(account, hook.id, 1);
    expect((await account.send("DELETE", `/api/webhooks/${hook.id}`)).status).toBe(204);
    expect((await account.send("DELETE", `/api/webhooks/${hook.id}`)).status).toBe(404);
    const gate = env.WEBHOOK_GATE.getByName(hook.id);
    expect(await gate.calls()).toEqual([]);
    expect((await call(hook)).status).toBe(404);
    const late = { id: "late", at: 1, ip: null, status: 202, outcome: "started", failedCheck: null } as const;
    const last = { ...late, executionId: null, durationMs: 1, detail: null, payload: "{}", keptUntil: null };
    await gate.settle({ confirmed: [], released: [], calls: [last] });
    const clock = testClock(Date.now() + 120_000);
    await tidyWebhooks(testEngine({}, clock), openGates(env.WEBHOOK_GATE));
    expect(await gate.calls()).toEqual([]);
    expect(
      await env.DB.prepare("SELECT count(*) AS n FROM orphaned_gates WHERE webhook_id = ?").bind(hook.id).first("n"),
    ).toBe(0);
  });

  test("of the workflow deletes its webhooks and what they hold", async () => {
    echo();
    const hook = await webhook();
    const { executionId } = (await call(hook, { headers: { "webhook-id": "1" } })).body;
    await call({ ...hook, secretKey: "wrong" });
    await ended(account, executionId);
    await recorded(account, hook.id, 1);
    expect((await account.send("DELETE", `/api/workflows/${hook.workflowId}`)).status).toBe(204);
    expect((await call(hook)).status).toBe(404);
    const clock = testClock(Date.now() + 120_000);
    await tidyWebhooks(testEngine({}, clock), openGates(env.WEBHOOK_GATE));
    expect(await env.WEBHOOK_GATE.getByName(hook.id).calls()).toEqual([]);
    const left = await env.DB.prepare(
      `SELECT (SELECT count(*) FROM webhooks WHERE workflow_id = ?1) + (SELECT count(*) FROM webhook_deliveries WHERE webhook_id = ?2)
         + (SELECT count(*) FROM webhook_misses WHERE workflow_id = ?1) AS n`,
    )
      .bind(hook.workflowId, hook.id)
      .first("n");
    expect(left).toBe(0);
  });

  test("of deliveries comes after a day, by the cron", async () => {
    echo();
    const hook = await webhook();
    await call(hook, { headers: { "webhook-id": "old" } });
    await call(hook, { headers: { "webhook-id": "young" } });
    await env.DB.prepare(
      "UPDATE webhook_deliveries SET created_at = created_at - 86400000 WHERE delivery_id = 'old'",
    ).run();
    const context = createExecutionContext();
    await worker.scheduled(createScheduledController(), env, context);
    await waitOnExecutionContext(context);
    const { results } = await env.DB.prepare("SELECT delivery_id FROM webhook_deliveries WHERE webhook_id = ?")
      .bind(hook.id)
      .all();
    expect(results).toEqual([{ delivery_id: "young" }]);
  });
});

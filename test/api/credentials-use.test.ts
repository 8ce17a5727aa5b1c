import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { startExecution } from "../../src/executions/index.ts";
import { getExecution } from "../../src/executions/read-execution.ts";
import { CREDENTIAL_MEMORY_MS } from "../../src/providers/credentials-memory.ts";
import { type CredentialTrial, tryCredential } from "../../src/providers/credentials-try.ts";
import { keyFor } from "../../src/providers/index.ts";
import { credentials } from "../../src/providers/schema.ts";
import { type Account, ctxOf, signUp } from "../worker/accounts.ts";
import { chatAnswer, KEY, keyCtx, onWire, put, type Refusal, removeAll, rowOf, spoil } from "../worker/credentials.ts";
import { ctxWith, testClock, testEngine } from "../worker/engine.ts";
import { ended, execute, settled } from "../worker/executions.ts";
import { countRows, tableNames } from "../worker/rows.ts";
import { createWorkflow } from "../worker/workflows.ts";

let owner: Account;
let stranger: Account;
beforeAll(async () => {
  owner = await signUp("Olga");
  stranger = await signUp("Sven");
});
afterEach(async () => {
  await settled();
  vi.restoreAllMocks();
  await removeAll(owner);
});

describe("which key is used", () => {
  test("the workspace's own comes first, with its own address and never the installation's", async () => {
    await put(owner, { apiKey: KEY });
    const row = await rowOf(owner.workspaceId);
    expect(await keyFor(keyCtx(owner), "openai")).toEqual({ apiKey: KEY, baseUrl: null, credential: row?.id });
  });

  test("without one the installation's serves its owner's workspace, and others only where they are shared", async () => {
    const own = {
      apiKey: "sk-of-the-installation",
      baseUrl: "https://proxy.installation.com/v1",
      credential: "environment",
    };
    expect(await keyFor(keyCtx(owner), "openai")).toEqual(own);
    expect(await keyFor(keyCtx(owner, {}, stranger.workspaceId), "openai")).toBeNull();
    expect(await keyFor(keyCtx(owner, { SHARE_PROVIDER_KEYS: true }, stranger.workspaceId), "openai")).toEqual(own);
    expect(await keyFor(keyCtx(owner), "gemini")).toBeNull();
  });

  test("the row is read once in 30 seconds, and again at once when it was changed here", async () => {
    const ctx = keyCtx(owner);
    const clock = testClock();
    const ask = () => keyFor({ ...ctx, clock }, "openai");
    await put(owner, { apiKey: KEY });
    for (let time = 0; time < 5; time += 1) await ask();
    expect(ctx.db.usage.queries).toBe(1);

    await put(owner, { apiKey: "sk-another-0000" });
    expect(await ask()).toMatchObject({ apiKey: "sk-another-0000" });
    expect(ctx.db.usage.queries).toBe(2);

    await env.DB.prepare("DELETE FROM credentials WHERE workspace_id = ?").bind(owner.workspaceId).run();
    clock.advance(29_999);
    expect(await ask()).toMatchObject({ apiKey: "sk-another-0000" });
    clock.advance(1);
    expect(await ask()).toMatchObject({ credential: "environment" });
  });

  test("what was read while the key was being replaced is not remembered", async () => {
    await put(owner, { apiKey: KEY });
    const ctx = keyCtx(owner);
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow = new Proxy(ctx.db.orm, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (name !== "select" || typeof value !== "function") return value;
        return () => ({
          from: () => ({
            where: async () => {
              const rows = await target
                .select()
                .from(credentials)
                .where(eq(credentials.workspaceId, owner.workspaceId));
              await promise;
              return rows;
            },
          }),
        });
      },
    });
    const early = keyFor({ ...ctx, db: { ...ctx.db, orm: slow } }, "openai");
    await put(owner, { apiKey: "sk-another-0000" });
    resolve();
    expect(await early).toMatchObject({ apiKey: KEY });
    expect(await keyFor(ctx, "openai")).toMatchObject({ apiKey: "sk-another-0000" });
  });

  test("an execution uses the workspace's own key, and fails by name when it cannot be decrypted", async () => {
    const calls = onWire(() => chatAnswer("hello"));
    const id = await createWorkflow(owner, ["a>"]);
    await put(owner, { apiKey: KEY, baseUrl: "https://gateway.example.com/v1" });
    expect(await ended(owner, await execute(owner, id))).toMatchObject({ status: "succeeded" });
    expect(calls.map((call) => [call.url, call.authorization])).toEqual([
      ["https://gateway.example.com/v1/chat/completions", `Bearer ${KEY}`],
    ]);

    await put(owner, { apiKey: KEY });
    await spoil(owner);
    const refused = await owner.send<Refusal>("POST", `/api/workflows/${id}/execute`, {});
    expect(refused).toMatchObject({ status: 409, body: { error: { code: "credential_unusable" } } });
    expect(calls).toHaveLength(1);
  });

  test("a key that becomes unusable while an execution runs fails its step at once, with what to do", async () => {
    const calls = onWire(() => chatAnswer("never"));
    const engine = testEngine();
    const ctx = ctxWith(owner, engine);
    const workflowId = await createWorkflow(owner, ["a>"]);
    await put(owner, { apiKey: KEY });
    const trigger = { type: "manual", id: null } as const;
    const { executionId } = await startExecution(ctx, engine, { workflowId, input: null, trigger });
    await spoil(owner);
    engine.clock.advance(CREDENTIAL_MEMORY_MS);
    await engine.drain();
    const { status, steps } = await getExecution(ctx, engine, executionId);
    expect([status, steps[0]?.error]).toEqual([
      "failed",
      { code: "credential_unusable", message: expect.stringContaining("ENCRYPTION_KEY_PREVIOUS") },
    ]);
    expect(calls).toEqual([]);
  });
});

describe("trying a key", () => {
  const tryOut = (body: unknown = {}, provider = "openai") =>
    owner.send<Record<string, unknown>>("POST", `/api/credentials/${provider}/test`, body);

  test("one small call is made with the stored key at its own address, and nothing of it is kept", async () => {
    await put(owner, { apiKey: KEY, baseUrl: "https://gateway.example.com/v1" });
    const before = await countRows();
    const calls = onWire(() => chatAnswer("ok"));
    const answer = await tryOut();
    expect(answer).toMatchObject({ status: 200, body: { ok: true, model: "gpt-5.4-mini-2026-03-17" } });
    expect(answer.body.latencyMs).toEqual(expect.any(Number));
    expect(calls).toEqual([
      {
        url: "https://gateway.example.com/v1/chat/completions",
        authorization: `Bearer ${KEY}`,
        body: expect.objectContaining({ model: "gpt-6-luna", max_completion_tokens: 16 }),
      },
    ]);
    expect(await countRows()).toEqual(before);
  });

  test("a model that spent its few tokens on reasoning shows that the key works all the same", async () => {
    await put(owner, { apiKey: KEY });
    onWire(() => chatAnswer("", "length"));
    expect(await tryOut()).toMatchObject({ status: 200, body: { ok: true } });
  });

  test.each([
    [401, "auth"],
    [429, "rate_limit"],
    [404, "model_not_found"],
    [500, "server"],
    [503, "overloaded"],
    [302, "invalid_request"],
  ])("status %j of the provider is told as an error of a kind, in one call", async (status, errorKind) => {
    await put(owner, { apiKey: KEY });
    const calls = onWire(
      () =>
        new Response(`{"error":{"message":"no: ${KEY}"}}`, {
          status,
          headers: { Location: "https://elsewhere.example.com" },
        }),
    );
    const answer = await tryOut({ model: "gpt-9" });
    expect(answer).toMatchObject({ status: 200, body: { ok: false, errorKind, model: "gpt-9" } });
    expect(answer.body.message).toEqual(expect.any(String));
    expect(JSON.stringify(answer.body)).not.toContain(KEY);
    expect(calls).toHaveLength(1);
  });

  test("a provider that does not answer is given up after 15 seconds", async () => {
    await put(owner, { apiKey: KEY });
    onWire(() => new Promise(() => undefined));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      let trial: CredentialTrial | undefined;
      const ended = tryCredential(ctxOf(owner), keyCtx(owner).settings, "openai", undefined).then((how) => {
        trial = how;
      });
      while (!vi.mocked(globalThis.fetch).mock.calls.length) await scheduler.wait(5);
      await vi.advanceTimersByTimeAsync(14_999);
      expect(trial).toBeUndefined();
      await vi.advanceTimersByTimeAsync(1);
      await ended;
      expect(trial).toMatchObject({ ok: false, errorKind: "timeout" });
    } finally {
      vi.useRealTimers();
    }
  });

  test("a server of one's own needs a model's name, and a key that cannot be decrypted is not sent", async () => {
    const calls = onWire(() => chatAnswer("ok"));
    await put(owner, { apiKey: "", baseUrl: "https://models.example.com/v1" }, "openai-compatible");
    expect(await tryOut({}, "openai-compatible")).toMatchObject({
      status: 422,
      body: { error: { details: [{ path: "model" }] } },
    });
    expect((await tryOut({ model: "llama" }, "openai-compatible")).body).toMatchObject({ ok: true });
    expect(calls[0]?.authorization).toBeNull();
    await spoil(owner);
    expect(await tryOut({ model: "llama" }, "openai-compatible")).toMatchObject({ status: 409 });
    expect(calls).toHaveLength(1);
  });
});

test("a planted key turns up in no answer, no log line and no row, whatever goes wrong with it", async () => {
  const logged: string[] = [];
  for (const level of ["debug", "log", "info", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((...line) => void logged.push(line.map(String).join(" ")));
  }
  const answers: string[] = [];
  const say = async (method: string, path: string, body?: unknown) => {
    const { status, headers, body: answer } = await owner.send(method, path, body);
    answers.push(JSON.stringify([status, [...headers], answer]));
  };
  const id = await createWorkflow(owner, ["a>"], { settings: { stepRetries: 0 } });
  const failures: (() => Response | Promise<Response>)[] = [
    () => Response.json({ error: { message: `Incorrect API key provided: ${KEY}` } }, { status: 401 }),
    () => Response.json({ error: { message: `bad request of ${KEY.slice(4, 20)}` } }, { status: 400 }),
    () => new Response(`upstream said Bearer ${KEY}`, { status: 500 }),
    () => new Response(KEY),
    () => Promise.reject(new Error(`cannot reach it with ${KEY}`)),
  ];
  await say("PUT", "/api/credentials/openai", { apiKey: KEY, baseUrl: `https://${"x".repeat(70)}.example` });
  for (const failure of failures) {
    onWire(failure);
    await say("PUT", "/api/credentials/openai", { apiKey: KEY });
    await say("GET", "/api/credentials/openai");
    await say("GET", "/api/credentials");
    await say("POST", "/api/credentials/openai/test", {});
    const executionId = await execute(owner, id);
    await ended(owner, executionId);
    await say("GET", `/api/executions/${executionId}`);
    await say("GET", `/api/executions/${executionId}/logs`);
    await say("GET", `/api/executions/${executionId}/attempts`);
  }
  await say("PUT", "/api/credentials/openai", { apiKey: `${KEY} ${KEY}` });
  await say("PUT", "/api/credentials/openai", { apiKey: { value: KEY } });
  await spoil(owner);
  await say("POST", "/api/credentials/openai/test", {});
  await say("POST", `/api/workflows/${id}/execute`, {});

  const dump: string[] = [];
  for (const table of await tableNames()) {
    const { results } = await env.DB.prepare(`SELECT * FROM ${table}`).all();
    dump.push(...results.map((row) => JSON.stringify(row)));
  }
  expect(answers.length).toBeGreaterThan(30);
  expect(dump.some((row) => row.includes("z1Yd"))).toBe(true);
  const core = KEY.slice(8, 20);
  for (const text of [...answers, ...logged, ...dump]) {
    expect(text).not.toContain(core);
    expect(text).not.toContain(btoa(KEY).slice(0, 24));
  }
});

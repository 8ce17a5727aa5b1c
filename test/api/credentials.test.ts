import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { decrypt, encrypt } from "../../src/core/cipher.ts";
import { openDb } from "../../src/db/client.ts";
import worker from "../../src/index.ts";
import { type CredentialTrial, tryCredential } from "../../src/providers/credentials-try.ts";
import { type KeyCtx, keyFor } from "../../src/providers/index.ts";
import { credentials } from "../../src/providers/schema.ts";
import { type Account, client, ctxOf, joinAs, nobody, ORIGIN, readAnswer, signUp } from "../worker/accounts.ts";
import { testClock } from "../worker/engine.ts";
import { ended, execute, settled } from "../worker/executions.ts";
import { countRows, tableNames } from "../worker/rows.ts";
import { createWorkflow } from "../worker/workflows.ts";

interface Refusal {
  error: { code: string; message: string; details: { path: string; message: string }[] };
}

const KEY = "sk-proj-Xq7Lm2Vt9Rb4Nw8Kz1Yd";
const FIELD = "credentials.ciphertext";

let owner: Account;
let stranger: Account;
beforeAll(async () => {
  owner = await signUp("Olga");
  stranger = await signUp("Sven");
});
afterEach(async () => {
  await settled();
  vi.restoreAllMocks();
  for (const account of [owner, stranger]) {
    for (const provider of ["openai", "anthropic", "gemini", "openai-compatible"]) {
      await account.send("DELETE", `/api/credentials/${provider}`);
    }
  }
});

const put = (body: unknown, provider = "openai", who: Account = owner) =>
  who.send<Refusal>("PUT", `/api/credentials/${provider}`, body);

const rowOf = (workspaceId: string) =>
  env.DB.prepare("SELECT * FROM credentials WHERE workspace_id = ?")
    .bind(workspaceId)
    .first<{ id: string; ciphertext: string; last4: string }>();

/** What finding a key takes, with the installation's own as a test says. */
function keyCtx(over: Partial<KeyCtx["settings"]> = {}, workspaceId = owner.workspaceId): KeyCtx {
  const settings = {
    OPENAI_API_KEY: "sk-of-the-installation",
    OPENAI_BASE_URL: "https://proxy.installation.com/v1",
    SHARE_PROVIDER_KEYS: false,
    ALLOW_LOCAL_PROVIDERS: false,
    ENCRYPTION_KEY: env.ENCRYPTION_KEY,
    ...over,
  };
  return {
    db: openDb(env.DB),
    clock: testClock(),
    workspaceId,
    settings,
    ownerWorkspaceId: async () => owner.workspaceId,
  };
}

/** Stands in for the provider at the wire, and gathers the calls. */
function onWire(answer: () => Response | Promise<Response>) {
  const calls: { url: string; authorization: string | null; body: unknown }[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    // Read here: a body cannot be read outside of the request that it belongs to.
    calls.push({
      url: request.url,
      authorization: request.headers.get("Authorization"),
      body: await request.json(),
    });
    return answer();
  });
  return calls;
}

const chatAnswer = (content: string, finish = "stop") =>
  Response.json({
    id: "c1",
    model: "gpt-5.4-mini-2026-03-17",
    choices: [{ index: 0, finish_reason: finish, message: { role: "assistant", content } }],
    usage: { prompt_tokens: 8, completion_tokens: 2, total_tokens: 10 },
  });

describe("storing a key", () => {
  test("a key goes in and is never shown again: its last four characters are, in the answer, the list and by provider", async () => {
    const answer = await put({ apiKey: ` ${KEY}\n`, baseUrl: "https://gateway.example.com/v1/" });
    const credential = {
      provider: "openai",
      last4: "z1Yd",
      baseUrl: "https://gateway.example.com/v1",
      updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    };
    expect(answer).toMatchObject({ status: 200, body: credential });
    expect(Object.keys(answer.body ?? {}).toSorted()).toEqual(["baseUrl", "last4", "provider", "updatedAt"]);
    expect((await owner.send("GET", "/api/credentials/openai")).body).toEqual(answer.body);
    expect((await owner.send("GET", "/api/credentials")).body).toEqual({ items: [answer.body], nextCursor: null });
  });

  test("storing again replaces the key under a new id, and keeps the address unless told otherwise", async () => {
    await put({ apiKey: KEY, baseUrl: "https://gateway.example.com/v1" });
    const first = await rowOf(owner.workspaceId);
    expect((await put({ apiKey: "sk-another-0000" })).body).toMatchObject({
      last4: "0000",
      baseUrl: "https://gateway.example.com/v1",
    });
    expect((await rowOf(owner.workspaceId))?.id).not.toBe(first?.id);
    expect((await put({ apiKey: KEY, baseUrl: null })).body).toMatchObject({ baseUrl: null });
  });

  test("the address cannot be changed without the key, which would be sent to it", async () => {
    await put({ apiKey: KEY });
    const answer = await put({ baseUrl: "https://collector.example.com" });
    expect(answer).toMatchObject({ status: 422, body: { error: { details: [{ path: "apiKey" }] } } });
    expect((await owner.send("GET", "/api/credentials/openai")).body).toMatchObject({ baseUrl: null });
  });

  test("a server of the OpenAI kind needs an address and no key; the others need a key", async () => {
    expect(await put({ apiKey: "" }, "openai-compatible")).toMatchObject({
      status: 422,
      body: { error: { code: "invalid_fields", details: [{ path: "baseUrl" }] } },
    });
    const stored = await put({ apiKey: "", baseUrl: "https://models.example.com/v1" }, "openai-compatible");
    expect(stored).toMatchObject({ status: 200, body: { last4: "" } });
    const cleared = await put({ apiKey: "", baseUrl: null }, "openai-compatible");
    expect(cleared).toMatchObject({ status: 422, body: { error: { details: [{ path: "baseUrl" }] } } });
    expect(await put({ apiKey: "  " })).toMatchObject({
      status: 422,
      body: { error: { details: [{ path: "apiKey" }] } },
    });
  });

  test("of a short key nothing is shown, because four characters would be most of it", async () => {
    expect((await put({ apiKey: "sk-1234" })).body).toMatchObject({ last4: "" });
    expect((await put({ apiKey: "sk-12345" })).body).toMatchObject({ last4: "2345" });
  });

  test.each([
    "http://api.example.com",
    "https://127.0.0.1/v1",
    "https://0x7f.1/v1",
    "https://[::ffff:7f00:1]/v1",
    "https://localhost:8080",
    "https://169.254.169.254/latest",
    "https://10-0-0-1.nip.io",
    "https://me:pw@api.example.com",
    "https://intranet",
    "nonsense",
    "",
  ])("the base URL %j is refused with its path, and nothing is stored", async (baseUrl) => {
    const answer = await put({ apiKey: KEY, baseUrl });
    expect(answer).toMatchObject({
      status: 422,
      body: { error: { code: "invalid_fields", details: [{ path: "baseUrl" }] } },
    });
    expect((await owner.send("GET", "/api/credentials/openai")).status).toBe(404);
  });

  test("loopback is stored only where local providers are allowed, and refused again when they no longer are", async () => {
    const local = async (allowed: string) =>
      readAnswer(
        await worker.fetch(
          new Request(`${ORIGIN}/api/credentials/openai-compatible`, {
            method: "PUT",
            headers: { Cookie: owner.cookie },
            body: JSON.stringify({ apiKey: KEY, baseUrl: "http://127.0.0.1:11434/v1" }),
          }),
          { ...env, ALLOW_LOCAL_PROVIDERS: allowed },
          createExecutionContext(),
        ),
      );
    expect((await local("false")).status).toBe(422);
    expect((await local("true")).status).toBe(200);
    const found = await keyFor(keyCtx({ ALLOW_LOCAL_PROVIDERS: true }), "openai-compatible");
    expect(found).toMatchObject({ baseUrl: "http://127.0.0.1:11434/v1" });
    await expect(keyFor(keyCtx(), "openai-compatible")).rejects.toMatchObject({ code: "credential_unusable" });
  });

  test.each([
    ["a key with a space in it", { apiKey: "sk-a b" }, "apiKey"],
    ["a key with a letter that no key has", { apiKey: "sk-ключ" }, "apiKey"],
    ["a key that is no text", { apiKey: 7 }, "apiKey"],
    ["an unknown field", { apiKey: KEY, organization: "o" }, "organization"],
    ["an address that is no text", { apiKey: KEY, baseUrl: 7 }, "baseUrl"],
    ["nothing", {}, "apiKey"],
  ])("%s is refused", async (_what, body, path) => {
    expect(await put(body)).toMatchObject({ status: 422, body: { error: { details: [{ path }] } } });
  });

  test("two who store at once leave one key that can be read", async () => {
    await Promise.all(["sk-first-11111111", "sk-second-22222222"].map((apiKey) => put({ apiKey })));
    const found = await keyFor(keyCtx(), "openai");
    const shown = await owner.send("GET", "/api/credentials/openai");
    expect(shown.body).toMatchObject({ last4: found?.apiKey.slice(-4) });
  });
});

describe("who may", () => {
  test("only an owner sees, stores, removes and tries keys, and others are told so before their body is looked at", async () => {
    await put({ apiKey: KEY });
    for (const role of ["viewer", "editor"] as const) {
      const member = await joinAs(owner, role);
      for (const [method, path] of [
        ["GET", "/api/credentials"],
        ["GET", "/api/credentials/openai"],
        ["PUT", "/api/credentials/openai"],
        ["DELETE", "/api/credentials/openai"],
        ["POST", "/api/credentials/openai/test"],
      ] as const) {
        expect((await member.send(method, path, method === "GET" ? undefined : { nonsense: 1 })).status).toBe(403);
        expect((await nobody.send(method, path)).status).toBe(401);
      }
    }
    expect((await owner.send("GET", "/api/credentials/openai")).status).toBe(200);
  });

  test("another page cannot store a key with an owner's cookie", async () => {
    const forged = client({ Cookie: owner.cookie, Origin: "https://evil.example.com", "Sec-Fetch-Site": "cross-site" });
    expect((await forged.send("PUT", "/api/credentials/openai", { apiKey: KEY })).status).toBe(403);
  });

  test("another workspace's key is not to be found, removed, tried or used", async () => {
    await put({ apiKey: KEY });
    for (const [method, path] of [
      ["GET", "/api/credentials/openai"],
      ["DELETE", "/api/credentials/openai"],
      ["POST", "/api/credentials/openai/test"],
    ] as const) {
      expect(await stranger.send(method, path)).toMatchObject({
        status: 404,
        body: { error: { code: "credential_not_found" } },
      });
    }
    expect((await stranger.send("GET", "/api/credentials")).body).toEqual({ items: [], nextCursor: null });
    expect(await keyFor(keyCtx({}, stranger.workspaceId), "openai")).toBeNull();
    expect((await owner.send("GET", "/api/credentials/openai")).status).toBe(200);
  });

  test("an unknown provider is refused by name, and a removed key is gone", async () => {
    expect(await put({ apiKey: KEY }, "mistral")).toMatchObject({
      status: 422,
      body: { error: { details: [{ path: "provider" }] } },
    });
    await put({ apiKey: KEY });
    expect((await owner.send("DELETE", "/api/credentials/openai")).status).toBe(204);
    expect((await owner.send("DELETE", "/api/credentials/openai")).status).toBe(404);
    expect((await owner.send("GET", "/api/credentials/openai")).status).toBe(404);
  });
});

describe("at rest", () => {
  test("the row holds the key sealed for its workspace and id: moved elsewhere it is useless", async () => {
    await put({ apiKey: KEY });
    const row = await rowOf(owner.workspaceId);
    if (row === null) throw new Error("no row");
    expect(JSON.stringify(row)).not.toContain(KEY);
    expect(atob(row.ciphertext)).not.toContain(KEY);
    const place = { workspaceId: owner.workspaceId, row: row.id, field: FIELD };
    expect(await decrypt({ ENCRYPTION_KEY: env.ENCRYPTION_KEY }, row.ciphertext, place)).toBe(KEY);

    await put({ apiKey: "sk-of-the-stranger" }, "openai", stranger);
    await env.DB.prepare("UPDATE credentials SET ciphertext = ?, id = ? WHERE workspace_id = ?")
      .bind(row.ciphertext, row.id, stranger.workspaceId)
      .run();
    const moved = keyFor(keyCtx({}, stranger.workspaceId), "openai");
    await expect(moved).rejects.toMatchObject({ code: "credential_unusable" });
  });

  test("after a change of ENCRYPTION_KEY stored keys go on working with the previous one, and say what to do without", async () => {
    await put({ apiKey: KEY });
    const changed = { ENCRYPTION_KEY: "a secret that was set only after the key was stored" };
    await expect(keyFor(keyCtx(changed), "openai")).rejects.toMatchObject({
      code: "credential_unusable",
      message: expect.stringContaining("ENCRYPTION_KEY_PREVIOUS"),
    });
    const rotated = { ...changed, ENCRYPTION_KEY_PREVIOUS: env.ENCRYPTION_KEY };
    expect(await keyFor(keyCtx(rotated), "openai")).toMatchObject({ apiKey: KEY });
  });
});

describe("which key is used", () => {
  test("the workspace's own comes first, with its own address and never the installation's", async () => {
    await put({ apiKey: KEY });
    const row = await rowOf(owner.workspaceId);
    expect(await keyFor(keyCtx(), "openai")).toEqual({ apiKey: KEY, baseUrl: null, credential: row?.id });
  });

  test("without one the installation's serves its owner's workspace, and others only where they are shared", async () => {
    const own = {
      apiKey: "sk-of-the-installation",
      baseUrl: "https://proxy.installation.com/v1",
      credential: "environment",
    };
    expect(await keyFor(keyCtx(), "openai")).toEqual(own);
    expect(await keyFor(keyCtx({}, stranger.workspaceId), "openai")).toBeNull();
    expect(await keyFor(keyCtx({ SHARE_PROVIDER_KEYS: true }, stranger.workspaceId), "openai")).toEqual(own);
    expect(await keyFor(keyCtx(), "gemini")).toBeNull();
  });

  test("the row is read once in 30 seconds, and again at once when it was changed here", async () => {
    const ctx = keyCtx();
    const clock = testClock();
    const ask = () => keyFor({ ...ctx, clock }, "openai");
    await put({ apiKey: KEY });
    for (let time = 0; time < 5; time += 1) await ask();
    expect(ctx.db.usage.queries).toBe(1);

    await put({ apiKey: "sk-another-0000" });
    expect(await ask()).toMatchObject({ apiKey: "sk-another-0000" });
    expect(ctx.db.usage.queries).toBe(2);

    await env.DB.prepare("DELETE FROM credentials WHERE workspace_id = ?").bind(owner.workspaceId).run();
    clock.advance(29_999);
    expect(await ask()).toMatchObject({ apiKey: "sk-another-0000" });
    clock.advance(1);
    expect(await ask()).toMatchObject({ credential: "environment" });
  });

  test("what was read while the key was being replaced is not remembered", async () => {
    await put({ apiKey: KEY });
    const ctx = keyCtx();
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
    await put({ apiKey: "sk-another-0000" });
    resolve();
    expect(await early).toMatchObject({ apiKey: KEY });
    expect(await keyFor(ctx, "openai")).toMatchObject({ apiKey: "sk-another-0000" });
  });

  test("an execution uses the workspace's own key, and fails by name when it cannot be decrypted", async () => {
    const calls = onWire(() => chatAnswer("hello"));
    const id = await createWorkflow(owner, ["a>"]);
    await put({ apiKey: KEY, baseUrl: "https://gateway.example.com/v1" });
    expect(await ended(owner, await execute(owner, id))).toMatchObject({ status: "succeeded" });
    expect(calls.map((call) => [call.url, call.authorization])).toEqual([
      ["https://gateway.example.com/v1/chat/completions", `Bearer ${KEY}`],
    ]);

    await put({ apiKey: KEY });
    await spoil(owner);
    const refused = await owner.send<Refusal>("POST", `/api/workflows/${id}/execute`, {});
    expect(refused).toMatchObject({ status: 409, body: { error: { code: "credential_unusable" } } });
    expect(calls).toHaveLength(1);
  });
});

/** Seals another text in place of the stored one, as if ENCRYPTION_KEY had been changed. */
async function spoil(account: Account): Promise<void> {
  const row = await rowOf(account.workspaceId);
  const place = { workspaceId: account.workspaceId, row: row?.id ?? "", field: FIELD };
  const sealed = await encrypt({ ENCRYPTION_KEY: "quite another secret than that of the tests" }, KEY, place);
  await env.DB.prepare("UPDATE credentials SET ciphertext = ? WHERE workspace_id = ?")
    .bind(sealed, account.workspaceId)
    .run();
}

describe("trying a key", () => {
  const tryOut = (body: unknown = {}, provider = "openai") =>
    owner.send<Record<string, unknown>>("POST", `/api/credentials/${provider}/test`, body);

  test("one small call is made with the stored key at its own address, and nothing of it is kept", async () => {
    await put({ apiKey: KEY, baseUrl: "https://gateway.example.com/v1" });
    const before = await countRows();
    const calls = onWire(() => chatAnswer("ok"));
    const answer = await tryOut();
    expect(answer).toMatchObject({ status: 200, body: { ok: true, model: "gpt-5.4-mini-2026-03-17" } });
    expect(answer.body.latencyMs).toEqual(expect.any(Number));
    expect(calls).toEqual([
      {
        url: "https://gateway.example.com/v1/chat/completions",
        authorization: `Bearer ${KEY}`,
        body: expect.objectContaining({ model: "gpt-5.4-mini", max_completion_tokens: 16 }),
      },
    ]);
    expect(await countRows()).toEqual(before);
  });

  test("a model that spent its few tokens on reasoning shows that the key works all the same", async () => {
    await put({ apiKey: KEY });
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
    await put({ apiKey: KEY });
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
    await put({ apiKey: KEY });
    onWire(() => new Promise(() => undefined));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      let trial: CredentialTrial | undefined;
      const ended = tryCredential(ctxOf(owner), keyCtx().settings, "openai", undefined).then((how) => {
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
    await put({ apiKey: "", baseUrl: "https://models.example.com/v1" }, "openai-compatible");
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

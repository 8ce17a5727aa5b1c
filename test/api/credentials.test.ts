import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { decrypt } from "../../src/core/cipher.ts";
import worker from "../../src/index.ts";
import { keyFor } from "../../src/providers/index.ts";
import { type Account, client, joinAs, nobody, ORIGIN, readAnswer, signUp } from "../worker/accounts.ts";
import { FIELD, KEY, keyCtx, put, removeAll, rowOf } from "../worker/credentials.ts";

let owner: Account;
let stranger: Account;
beforeAll(async () => {
  owner = await signUp("Olga");
  stranger = await signUp("Sven");
});
afterEach(async () => {
  await removeAll(owner);
  await removeAll(stranger);
});

describe("storing a key", () => {
  test("a key goes in and is never shown again: its last four characters are, in the answer, the list and by provider", async () => {
    const answer = await put(owner, { apiKey: ` ${KEY}\n`, baseUrl: "https://gateway.example.com/v1/" });
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
    await put(owner, { apiKey: KEY, baseUrl: "https://gateway.example.com/v1" });
    const first = await rowOf(owner.workspaceId);
    expect((await put(owner, { apiKey: "sk-another-0000" })).body).toMatchObject({
      last4: "0000",
      baseUrl: "https://gateway.example.com/v1",
    });
    expect((await rowOf(owner.workspaceId))?.id).not.toBe(first?.id);
    expect((await put(owner, { apiKey: KEY, baseUrl: null })).body).toMatchObject({ baseUrl: null });
  });

  test("the address cannot be changed without the key, which would be sent to it", async () => {
    await put(owner, { apiKey: KEY });
    const answer = await put(owner, { baseUrl: "https://collector.example.com" });
    expect(answer).toMatchObject({ status: 422, body: { error: { details: [{ path: "apiKey" }] } } });
    expect((await owner.send("GET", "/api/credentials/openai")).body).toMatchObject({ baseUrl: null });
  });

  test("a server of the OpenAI kind needs an address and no key; the others need a key", async () => {
    expect(await put(owner, { apiKey: "" }, "openai-compatible")).toMatchObject({
      status: 422,
      body: { error: { code: "invalid_fields", details: [{ path: "baseUrl" }] } },
    });
    const stored = await put(owner, { apiKey: "", baseUrl: "https://models.example.com/v1" }, "openai-compatible");
    expect(stored).toMatchObject({ status: 200, body: { last4: "" } });
    const cleared = await put(owner, { apiKey: "", baseUrl: null }, "openai-compatible");
    expect(cleared).toMatchObject({ status: 422, body: { error: { details: [{ path: "baseUrl" }] } } });
    expect(await put(owner, { apiKey: "  " })).toMatchObject({
      status: 422,
      body: { error: { details: [{ path: "apiKey" }] } },
    });
  });

  test("of a short key nothing is shown, because four characters would be most of it", async () => {
    expect((await put(owner, { apiKey: "sk-1234" })).body).toMatchObject({ last4: "" });
    expect((await put(owner, { apiKey: "sk-12345" })).body).toMatchObject({ last4: "2345" });
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
    const answer = await put(owner, { apiKey: KEY, baseUrl });
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
    const found = await keyFor(keyCtx(owner, { ALLOW_LOCAL_PROVIDERS: true }), "openai-compatible");
    expect(found).toMatchObject({ baseUrl: "http://127.0.0.1:11434/v1" });
    await expect(keyFor(keyCtx(owner), "openai-compatible")).rejects.toMatchObject({ code: "credential_unusable" });
  });

  test.each([
    ["a key with a space in it", { apiKey: "sk-a b" }, "apiKey"],
    ["a key with a letter that no key has", { apiKey: "sk-ключ" }, "apiKey"],
    ["a key that is no text", { apiKey: 7 }, "apiKey"],
    ["an unknown field", { apiKey: KEY, organization: "o" }, "organization"],
    ["an address that is no text", { apiKey: KEY, baseUrl: 7 }, "baseUrl"],
    ["nothing", {}, "apiKey"],
  ])("%s is refused", async (_what, body, path) => {
    expect(await put(owner, body)).toMatchObject({ status: 422, body: { error: { details: [{ path }] } } });
  });

  test("two who store at once leave one key that can be read", async () => {
    await Promise.all(["sk-first-11111111", "sk-second-22222222"].map((apiKey) => put(owner, { apiKey })));
    const found = await keyFor(keyCtx(owner), "openai");
    const shown = await owner.send("GET", "/api/credentials/openai");
    expect(shown.body).toMatchObject({ last4: found?.apiKey.slice(-4) });
  });
});

describe("who may", () => {
  test("only an owner sees, stores, removes and tries keys, and others are told so before their body is looked at", async () => {
    await put(owner, { apiKey: KEY });
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
    await put(owner, { apiKey: KEY });
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
    expect(await keyFor(keyCtx(owner, {}, stranger.workspaceId), "openai")).toBeNull();
    expect((await owner.send("GET", "/api/credentials/openai")).status).toBe(200);
  });

  test("an unknown provider is refused by name, and a removed key is gone", async () => {
    expect(await put(owner, { apiKey: KEY }, "mistral")).toMatchObject({
      status: 422,
      body: { error: { details: [{ path: "provider" }] } },
    });
    await put(owner, { apiKey: KEY });
    expect((await owner.send("DELETE", "/api/credentials/openai")).status).toBe(204);
    expect((await owner.send("DELETE", "/api/credentials/openai")).status).toBe(404);
    expect((await owner.send("GET", "/api/credentials/openai")).status).toBe(404);
  });
});

describe("at rest", () => {
  test("the row holds the key sealed for its workspace and id: moved elsewhere it is useless", async () => {
    await put(owner, { apiKey: KEY });
    const row = await rowOf(owner.workspaceId);
    if (row === null) throw new Error("no row");
    expect(JSON.stringify(row)).not.toContain(KEY);
    expect(atob(row.ciphertext)).not.toContain(KEY);
    const place = { workspaceId: owner.workspaceId, row: row.id, field: FIELD };
    expect(await decrypt({ ENCRYPTION_KEY: env.ENCRYPTION_KEY }, row.ciphertext, place)).toBe(KEY);

    await put(stranger, { apiKey: "sk-of-the-stranger" });
    await env.DB.prepare("UPDATE credentials SET ciphertext = ?, id = ? WHERE workspace_id = ?")
      .bind(row.ciphertext, row.id, stranger.workspaceId)
      .run();
    const moved = keyFor(keyCtx(owner, {}, stranger.workspaceId), "openai");
    await expect(moved).rejects.toMatchObject({ code: "credential_unusable" });
  });

  test("after a change of ENCRYPTION_KEY stored keys go on working with the previous one, and say what to do without", async () => {
    await put(owner, { apiKey: KEY });
    const changed = { ENCRYPTION_KEY: "a secret that was set only after the key was stored" };
    await expect(keyFor(keyCtx(owner, changed), "openai")).rejects.toMatchObject({
      code: "credential_unusable",
      message: expect.stringContaining("ENCRYPTION_KEY_PREVIOUS"),
    });
    const rotated = { ...changed, ENCRYPTION_KEY_PREVIOUS: env.ENCRYPTION_KEY };
    expect(await keyFor(keyCtx(owner, rotated), "openai")).toMatchObject({ apiKey: KEY });
  });
});

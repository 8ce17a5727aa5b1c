import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { type Credentials, identify } from "../../src/auth/index.ts";
import { openDb } from "../../src/db/client.ts";
import { apiKey, type Client, client, joinAs, memberId, signUp } from "../worker/accounts.ts";

test("a key is shown once, stored as a digest, and costs one round trip to check", async () => {
  const ada = await signUp("Ada");
  const made = await ada.send<{ key: string; prefix: string }>("POST", "/api/api-keys", { name: "ci" });
  expect(made).toMatchObject({ status: 201, body: { name: "ci", role: "owner", expiresAt: null } });
  expect(made.body.key).toMatch(/^swarm_[A-Za-z0-9_-]{43}$/);
  expect(made.body.key.startsWith(made.body.prefix)).toBe(true);
  const stored = (await env.DB.prepare("SELECT * FROM api_keys").all()).results;
  expect(JSON.stringify(stored)).not.toContain(made.body.key);
  const list = await ada.send<{ items: object[] }>("GET", "/api/api-keys");
  expect(list.body).toMatchObject({ items: [{ name: "ci", prefix: made.body.prefix }], nextCursor: null });
  expect(JSON.stringify(list.body)).not.toContain(made.body.key);

  const db = openDb(env.DB);
  const credentials: Credentials = {
    db,
    headers: new Headers({ Authorization: `Bearer ${made.body.key}` }),
    now: Date.now(),
    secret: "unused",
    secure: false,
  };
  expect(await identify(credentials)).toMatchObject({
    status: "known",
    identity: { userId: ada.userId, role: "owner" },
  });
  expect(db.usage.roundTrips).toBe(1);
  const session = { ...credentials, headers: new Headers({ Cookie: ada.cookie }), secret: env.AUTH_SECRET };
  expect(await identify(session)).toMatchObject({ status: "known", identity: { workspaceId: ada.workspaceId } });
  expect(db.usage.roundTrips).toBe(2);
});

test("a deleted, expired or invented key opens nothing, and a cookie does not make up for it", async () => {
  const ada = await signUp();
  const deleted = await apiKey(ada);
  expect((await ada.send("DELETE", `/api/api-keys/${deleted.id}`)).status).toBe(204);
  expect((await ada.send("DELETE", `/api/api-keys/${deleted.id}`)).status).toBe(404);
  const expired = await apiKey(ada, "owner", new Date(Date.now() + 60_000).toISOString());
  expect((await expired.send("GET", "/api/me")).status).toBe(200);
  await env.DB.prepare("UPDATE api_keys SET expires_at = ? WHERE id = ?")
    .bind(Date.now() - 1, expired.id)
    .run();
  for (const bad of [deleted, expired, client({ Authorization: `Bearer swarm_${"A".repeat(43)}` })]) {
    const answer = await bad.send("GET", "/api/me");
    expect(answer).toMatchObject({ status: 401, body: { error: { code: "unauthenticated" } } });
  }
  const both = client({ Authorization: "Bearer something-else", Cookie: ada.cookie });
  expect((await both.send("GET", "/api/me")).status).toBe(401);
  const past = await ada.send("POST", "/api/api-keys", { name: "late", expiresAt: "2020-01-01T00:00:00Z" });
  expect(past).toMatchObject({ status: 422, body: { error: { details: [{ path: "expiresAt" }] } } });
});

test("a key never does more than its own role and its maker's of today", async () => {
  const owner = await signUp();
  const editor = await joinAs(owner, "editor");
  expect((await editor.send("POST", "/api/api-keys", { name: "up", role: "owner" })).status).toBe(403);
  const viewerKey = await apiKey(owner, "viewer");
  expect((await viewerKey.send("GET", "/api/members")).status).toBe(403);

  const editorKey = await apiKey(editor);
  expect((await editorKey.send("GET", "/api/me")).body).toMatchObject({ workspace: { role: "editor" } });
  const id = await memberId(owner, editor);
  expect((await owner.send("PUT", `/api/members/${id}`, { role: "viewer" })).status).toBe(200);
  expect((await editorKey.send("GET", "/api/me")).body).toMatchObject({ workspace: { role: "viewer" } });
  expect((await owner.send("PUT", `/api/members/${id}`, { role: "owner" })).status).toBe(200);
  expect((await editorKey.send("GET", "/api/members")).status).toBe(403);
});

test("a key makes no keys, which would outlive its expiry and its deletion", async () => {
  const owner = await signUp();
  const key = await apiKey(owner, "owner", new Date(Date.now() + 60_000).toISOString());
  const made = await key.send("POST", "/api/api-keys", { name: "for ever" });
  expect(made).toMatchObject({
    status: 403,
    body: { error: { code: "forbidden", message: expect.stringContaining("Sign in") } },
  });
  const kept = await owner.send<{ items: { id: string }[] }>("GET", "/api/api-keys");
  expect(kept.body.items.map((each) => each.id)).toEqual([key.id]);
});

test("a key tells when it was last used, to a few minutes", async () => {
  const owner = await signUp();
  const key = await apiKey(owner);
  const used = async () =>
    (await owner.send<{ items: { lastUsedAt: string | null }[] }>("GET", "/api/api-keys")).body.items[0]?.lastUsedAt;
  expect(await used()).toBeNull();
  const before = Date.now();
  expect((await key.send("GET", "/api/me")).status).toBe(200);
  await vi.waitFor(async () => expect(Date.parse((await used()) ?? "")).toBeGreaterThanOrEqual(before));

  const write = (at: number) =>
    env.DB.prepare("UPDATE api_keys SET last_used_at = ? WHERE id = ?").bind(at, key.id).run();
  const recent = Date.now() - 60_000;
  await write(recent);
  await key.send("GET", "/api/me");
  const old = Date.now() - 3_600_000;
  expect(Date.parse((await used()) ?? "")).toBe(recent);
  await write(old);
  await key.send("GET", "/api/me");
  await vi.waitFor(async () => expect(Date.parse((await used()) ?? "")).toBeGreaterThan(recent));
});

test("people manage their own keys and an owner those of all, but of no other workspace", async () => {
  const owner = await signUp();
  const editor = await joinAs(owner, "editor");
  const ownersKey = await apiKey(owner);
  const editorsKey = await apiKey(editor);
  const ids = async (account: Client) =>
    (await account.send<{ items: { id: string }[] }>("GET", "/api/api-keys")).body.items.map((key) => key.id);
  expect(await ids(editor)).toEqual([editorsKey.id]);
  expect(await ids(owner)).toEqual([ownersKey.id, editorsKey.id]);
  expect((await editor.send("DELETE", `/api/api-keys/${ownersKey.id}`)).status).toBe(404);
  const stranger = await signUp();
  expect(await ids(stranger)).toEqual([]);
  expect(await stranger.send("DELETE", `/api/api-keys/${editorsKey.id}`)).toMatchObject({
    status: 404,
    body: { error: { code: "api_key_not_found" } },
  });
  expect((await owner.send("DELETE", `/api/api-keys/${editorsKey.id}`)).status).toBe(204);
  expect((await editorsKey.send("GET", "/api/me")).status).toBe(401);
});

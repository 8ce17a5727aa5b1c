import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { identify, roleNow } from "../../src/auth/index.ts";
import { openDb } from "../../src/db/client.ts";
import {
  type Account,
  apiKey,
  client,
  closedFetch,
  invite,
  joinAs,
  type Member,
  memberId,
  membersOf,
  newPerson,
  nobody,
  PASSWORD,
  readAnswer,
  signIn,
  signUp,
} from "../worker/accounts.ts";

/** The first account of this file's installation, which it owns. */
let founder: Account;
beforeAll(async () => {
  founder = await signUp("Founder");
});

test("anybody leaves a workspace by himself, with his sessions and keys there, but not its last owner", async () => {
  const owner = await signUp();
  const viewer = await joinAs(owner, "viewer");
  const key = await apiKey(viewer);
  expect(await key.send("DELETE", "/api/me/workspace")).toMatchObject({ status: 403 });
  expect(await owner.send("DELETE", "/api/me/workspace")).toMatchObject({
    status: 409,
    body: { error: { code: "last_owner" } },
  });
  expect((await viewer.send("DELETE", "/api/me/workspace")).status).toBe(204);
  expect((await membersOf(owner)).map((member) => member.userId)).toEqual([owner.userId]);
  expect((await viewer.send("GET", "/api/me")).status).toBe(401);
  expect((await key.send("GET", "/api/me")).status).toBe(401);
});

test("a removed member's session and keys end at once, and joining again does not bring the keys back", async () => {
  const owner = await signUp();
  const bob = await joinAs(owner, "editor");
  const key = await apiKey(bob);
  expect((await owner.send("DELETE", `/api/members/${await memberId(owner, bob)}`)).status).toBe(204);
  expect((await bob.send("GET", "/api/me")).status).toBe(401);
  expect((await key.send("GET", "/api/me")).status).toBe(401);

  const credentials = JSON.stringify({ email: bob.email, password: PASSWORD });
  const again = await closedFetch("/api/auth/sign-in/email", { method: "POST", body: credentials });
  expect(again.status).toBe(200);
  const cookie = again.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const back = client({ Cookie: cookie });
  const homeless = await readAnswer(await closedFetch("/api/me", { headers: { Cookie: cookie } }));
  expect(homeless).toMatchObject({ status: 403, body: { error: { code: "no_workspace" } } });
  const joined = await back.send("POST", "/api/invitations/accept", { token: await invite(owner, "viewer") });
  expect(joined.status).toBe(200);
  expect((await back.send("GET", "/api/me")).body).toMatchObject({ workspace: { role: "viewer" } });
  expect((await key.send("GET", "/api/me")).status).toBe(401);
});

test("a session that worked in a workspace does not slip into another one when its membership ends", async () => {
  const owner = await signUp();
  const guest = await signUp();
  await guest.send("POST", "/api/invitations/accept", { token: await invite(owner, "editor") });
  const elsewhere = client({ Cookie: (await signIn(guest.email)).headers.getSetCookie()[0]?.split(";")[0] ?? "" });
  await owner.send("DELETE", `/api/members/${await memberId(owner, guest)}`);
  expect((await guest.send("GET", "/api/me")).status).toBe(401);
  expect((await elsewhere.send("GET", "/api/me")).body).toMatchObject({ workspace: { id: guest.workspaceId } });
});

test("the last owner stays, also when two owners remove or demote each other at once", async () => {
  const one = await signUp();
  const ownId = await memberId(one, one);
  expect(await one.send("DELETE", `/api/members/${ownId}`)).toMatchObject({
    status: 409,
    body: { error: { code: "last_owner" } },
  });
  expect((await one.send("PUT", `/api/members/${ownId}`, { role: "viewer" })).status).toBe(409);
  expect((await one.send("PUT", `/api/members/${ownId}`, { role: "owner" })).status).toBe(200);
  expect((await one.send("GET", "/api/me")).status).toBe(200);

  const two = await joinAs(one, "owner");
  const twoId = await memberId(one, two);
  await Promise.all([
    one.send("PUT", `/api/members/${twoId}`, { role: "viewer" }),
    two.send("PUT", `/api/members/${ownId}`, { role: "viewer" }),
  ]);
  const owners = "SELECT count(*) AS n FROM members WHERE workspace_id = ? AND role = 'owner'";
  expect(await env.DB.prepare(owners).bind(one.workspaceId).first("n")).toBe(1);

  const three = await signUp();
  const four = await joinAs(three, "owner");
  const [threeId, fourId] = [await memberId(three, three), await memberId(three, four)];
  await Promise.all([three.send("DELETE", `/api/members/${fourId}`), four.send("DELETE", `/api/members/${threeId}`)]);
  expect(await env.DB.prepare(owners).bind(three.workspaceId).first("n")).toBe(1);
});

test("the installation's owner adds members by the email of an account, once, and lists them in pages", async () => {
  const known = await signUp("Known");
  const added = await founder.send("POST", "/api/members", { email: known.email.toUpperCase(), role: "editor" });
  expect(added).toMatchObject({ status: 201, body: { userId: known.userId, name: "Known", role: "editor" } });
  expect((await founder.send("POST", "/api/members", { email: known.email, role: "viewer" })).status).toBe(409);
  const unknown = await founder.send("POST", "/api/members", { email: newPerson().email, role: "viewer" });
  expect(unknown).toMatchObject({ status: 404, body: { error: { code: "member_not_found" } } });
  const first = await founder.send<{ items: Member[]; nextCursor: string }>("GET", "/api/members?limit=1");
  expect(first.body.items.map((member) => member.userId)).toEqual([founder.userId]);
  const rest = await founder.send<{ items: Member[] }>("GET", `/api/members?limit=1&cursor=${first.body.nextCursor}`);
  expect(rest.body).toMatchObject({ items: [{ userId: known.userId }], nextCursor: null });
});

test("an owner of another workspace neither learns who has an account nor pulls anybody in by email", async () => {
  const owner = await signUp();
  const known = await signUp("Known");
  const add = (email: string) => owner.send("POST", "/api/members", { email, role: "viewer" });
  const [ofKnown, ofUnknown] = [await add(known.email), await add(newPerson().email)];
  for (const answer of [ofKnown, ofUnknown]) {
    expect(answer).toMatchObject({
      status: 403,
      body: { error: { code: "forbidden", message: expect.stringContaining("POST /api/invitations") } },
    });
  }
  expect((await membersOf(owner)).map((member) => member.userId)).toEqual([owner.userId]);
});

test("another workspace's members are not to be found", async () => {
  const owner = await signUp();
  const stranger = await signUp();
  const id = await memberId(owner, owner);
  const attempts = [
    stranger.send("PUT", `/api/members/${id}`, { role: "viewer" }),
    stranger.send("DELETE", `/api/members/${id}`),
    stranger.send("POST", `/api/members/${id}/password-reset`),
  ];
  for (const answer of await Promise.all(attempts)) {
    expect(answer).toMatchObject({ status: 404, body: { error: { code: "member_not_found" } } });
  }
});

test("who may not do something is told so before the body is looked at", async () => {
  const owner = await signUp();
  const editor = await joinAs(owner, "editor");
  for (const path of ["/api/invitations", "/api/members"]) {
    const response = await editor.fetch(path, { method: "POST", body: "{not json" });
    expect(response.status, path).toBe(403);
  }
  expect((await nobody.fetch("/api/invitations", { method: "POST", body: "{not json" })).status).toBe(401);
});

test("nobody promotes himself or invites an owner through better-auth's own doors", async () => {
  const owner = await signUp();
  const viewer = await joinAs(owner, "viewer");
  const editor = await joinAs(owner, "editor");
  const organizationId = owner.workspaceId;
  const id = await memberId(owner, viewer);
  const attempts = [
    viewer.send("POST", "/api/auth/organization/update-member-role", { memberId: id, role: "owner", organizationId }),
    viewer.send("POST", "/api/auth/organization/remove-member", { memberIdOrEmail: owner.email, organizationId }),
    editor.send("POST", "/api/auth/organization/invite-member", {
      email: "x@example.com",
      role: "owner",
      organizationId,
    }),
    viewer.send("POST", "/api/auth/organization/update", { organizationId, data: { name: "Mine" } }),
    owner.send("POST", "/api/auth/organization/leave", { organizationId }),
    owner.send("POST", "/api/auth/organization/delete", { organizationId }),
    owner.send("POST", "/api/auth/organization/UPDATE-member-role", { memberId: id, role: "owner", organizationId }),
    owner.send("POST", "/api/auth/organization//update-member-role/", { memberId: id, role: "owner", organizationId }),
  ];
  for (const answer of await Promise.all(attempts)) expect(answer.status).toBe(403);
  expect((await viewer.send("POST", "/api/auth/update-session", { activeWorkspaceId: "x" })).status).toBe(404);
  const me = await viewer.send("GET", "/api/me");
  expect(me.body).toMatchObject({
    workspace: { id: organizationId, name: expect.not.stringMatching("Mine"), role: "viewer" },
  });
});

test("better-auth's own workspace doors list, switch and rename within the same rules", async () => {
  const owner = await signUp();
  const guest = await signUp();
  await guest.send("POST", "/api/invitations/accept", { token: await invite(owner, "viewer") });
  const listed = await guest.send<{ id: string }[]>("GET", "/api/auth/organization/list");
  expect(listed.body.map((each) => each.id).toSorted()).toEqual([guest.workspaceId, owner.workspaceId].toSorted());
  const set = await guest.send("POST", "/api/auth/organization/set-active", { organizationId: guest.workspaceId });
  expect(set.status).toBe(200);
  expect((await guest.send("GET", "/api/me")).body).toMatchObject({ workspace: { id: guest.workspaceId } });
  const renamed = await owner.send("POST", "/api/auth/organization/update", { data: { name: "Lab" } });
  expect(renamed.status).toBe(200);
  expect((await owner.send("GET", "/api/me")).body).toMatchObject({ workspace: { name: "Lab" } });
  const foreign = { organizationId: guest.workspaceId };
  expect((await owner.send("POST", "/api/auth/organization/set-active", foreign)).status).toBe(403);
  const made = await guest.send("POST", "/api/auth/organization/create", { name: "Second", slug: "second" });
  expect(made.status).toBe(200);
  expect((await guest.send("GET", "/api/me")).body).toMatchObject({ workspace: { name: "Second", role: "owner" } });
});

test("a password is set again by a link that works once, even twice at once, and ends the sessions", async () => {
  const owner = await signUp();
  const bob = await joinAs(owner, "editor");
  const made = await owner.send<{ link: string }>("POST", `/api/members/${await memberId(owner, bob)}/password-reset`);
  expect(made.status).toBe(201);
  const token = made.body.link.slice(made.body.link.lastIndexOf("/") + 1);
  const short = await nobody.send("POST", "/api/password-reset", { token, password: "short" });
  expect(short.status).toBe(422);
  const passwords = ["one new password", "another new password"];
  const answers = await Promise.all(
    passwords.map((password) => nobody.send("POST", "/api/password-reset", { token, password })),
  );
  expect(answers.map((answer) => answer.status).toSorted()).toEqual([200, 404]);
  const winner = passwords[answers.findIndex((answer) => answer.status === 200)];
  expect((await bob.send("GET", "/api/me")).status).toBe(401);
  expect((await signIn(bob.email, PASSWORD)).status).toBe(401);
  expect((await signIn(bob.email, winner)).status).toBe(200);
});

test("having somebody in a workspace does not give power over the account", async () => {
  const victim = await signUp();
  const attacker = await signUp();
  await victim.send("POST", "/api/invitations/accept", { token: await invite(attacker, "viewer") });
  const reset = await attacker.send("POST", `/api/members/${await memberId(attacker, victim)}/password-reset`);
  expect(reset).toMatchObject({ status: 403, body: { error: { code: "forbidden" } } });
});

test("a password link kept back until its person has joined elsewhere opens nothing", async () => {
  const owner = await signUp();
  const bob = await joinAs(owner, "viewer");
  const made = await owner.send<{ link: string }>("POST", `/api/members/${await memberId(owner, bob)}/password-reset`);
  const token = made.body.link.slice(made.body.link.lastIndexOf("/") + 1);
  const other = await signUp();
  const joined = await bob.send("POST", "/api/invitations/accept", { token: await invite(other, "owner") });
  expect(joined.status).toBe(200);
  const late = await nobody.send("POST", "/api/password-reset", { token, password: "a stolen password" });
  expect(late).toMatchObject({ status: 404, body: { error: { code: "password_reset_not_found" } } });
  expect((await signIn(bob.email)).status).toBe(200);
});

test("an owner sees which invitations are open and takes one back", async () => {
  const owner = await signUp();
  const stranger = await signUp();
  const token = await invite(owner, "editor");
  const listed = await owner.send<{ items: { id: string }[] }>("GET", "/api/invitations");
  expect(listed.body).toMatchObject({ items: [{ role: "editor", createdBy: owner.userId }], nextCursor: null });
  expect(JSON.stringify(listed.body)).not.toContain(token);
  const id = listed.body.items[0]?.id;
  expect((await stranger.send("GET", "/api/invitations")).body).toMatchObject({ items: [] });
  expect((await stranger.send("DELETE", `/api/invitations/${id}`)).status).toBe(404);
  expect((await owner.send("DELETE", `/api/invitations/${id}`)).status).toBe(204);
  expect((await nobody.send("GET", `/api/invitations/${token}`)).status).toBe(404);
  expect((await owner.send("GET", "/api/invitations")).body).toMatchObject({ items: [] });
});

test("what an open connection was let in by is known to hold until it ends", async () => {
  const owner = await signUp();
  const bob = await joinAs(owner, "editor");
  const key = await apiKey(bob);
  const db = openDb(env.DB);
  const seen = async (headers: Record<string, string>) => {
    const credentials = { db, headers: new Headers(headers), now: Date.now(), secret: env.AUTH_SECRET, secure: false };
    const identified = await identify(credentials);
    if (identified.status !== "known") throw new Error(identified.status);
    return identified.identity;
  };
  const bySession = await seen({ Cookie: bob.cookie });
  const byKey = await seen({ Authorization: `Bearer ${key.key}` });
  expect(await roleNow(db, bySession, Date.now())).toBe("editor");
  expect(await roleNow(db, byKey, Date.now())).toBe("editor");
  await owner.send("PUT", `/api/members/${await memberId(owner, bob)}`, { role: "viewer" });
  expect(await roleNow(db, bySession, Date.now())).toBe("viewer");
  await owner.send("DELETE", `/api/api-keys/${key.id}`);
  expect(await roleNow(db, byKey, Date.now())).toBe(null);
  await bob.send("POST", "/api/auth/sign-out");
  expect(await roleNow(db, bySession, Date.now())).toBe(null);
});

import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import {
  accountOf,
  apiKey,
  closedFetch,
  invite,
  joinAs,
  newPerson,
  nobody,
  ORIGIN,
  PASSWORD,
  readAnswer,
  signIn,
  signUp,
} from "../worker/accounts.ts";

type Refusal = { code?: string; message?: string; error: { code: string; message: string; requestId: string } };

async function closedSignUp(person = newPerson(), invitation?: string) {
  const body = JSON.stringify({ ...person, invitation });
  return closedFetch("/api/auth/sign-up/email", { method: "POST", body });
}

async function rows(sql: string, ...values: string[]) {
  return (
    await env.DB.prepare(sql)
      .bind(...values)
      .all()
  ).results;
}

test("of two first sign-ups at once, one owns the installation and the other leaves no account", async () => {
  const people = [newPerson("Ada"), newPerson("Bob")];
  const answers = await Promise.all(people.map((person) => closedSignUp(person)));
  expect(answers.map((answer) => answer.status).toSorted()).toEqual([200, 403]);
  const lost = answers.find((answer) => answer.status === 403);
  expect(lost?.headers.getSetCookie()).toEqual([]);
  expect(await lost?.json()).toMatchObject({ error: { code: "signup_closed" } });
  expect(await rows("SELECT id FROM installation")).toHaveLength(1);
  expect(await rows("SELECT id FROM users")).toHaveLength(1);
  expect(await rows("SELECT id FROM workspaces")).toHaveLength(1);
  expect(await rows("SELECT id FROM sessions")).toHaveLength(1);
});

test("a closed installation refuses whoever brings no invitation, and keeps nothing of the attempt", async () => {
  const person = newPerson();
  const refused = await readAnswer<Refusal>(await closedSignUp(person));
  expect(refused).toMatchObject({ status: 403, body: { error: { code: "signup_closed" } } });
  expect(refused.body.error.requestId).toBe(refused.headers.get("X-Request-Id"));
  expect(await rows("SELECT id FROM users WHERE email = ?", person.email)).toEqual([]);
  const wrong = await closedSignUp(person, "no-such-token");
  expect(await readAnswer(wrong)).toMatchObject({ status: 404, body: { error: { code: "invitation_not_found" } } });
});

test("an open installation gives everybody a workspace of their own", async () => {
  const eve = await signUp("Eve");
  const me = await eve.send("GET", "/api/me");
  expect(me.body).toEqual({
    user: { id: eve.userId, name: "Eve", email: eve.email },
    workspace: { id: eve.workspaceId, name: "Eve's workspace", role: "owner" },
    workspaces: [{ id: eve.workspaceId, name: "Eve's workspace", role: "owner" }],
  });
});

test("an invitation used twice at once lets one person in", async () => {
  const owner = await signUp("Owner");
  const token = await invite(owner, "editor");
  const answers = await Promise.all([closedSignUp(newPerson(), token), closedSignUp(newPerson(), token)]);
  expect(answers.map((answer) => answer.status).toSorted()).toEqual([200, 404]);
  expect(await rows("SELECT id FROM members WHERE workspace_id = ?", owner.workspaceId)).toHaveLength(2);
  expect((await closedSignUp(newPerson(), token)).status).toBe(404);
});

test("a sign-up that better-auth refuses leaves the invitation good", async () => {
  const owner = await signUp();
  const token = await invite(owner, "viewer");
  const short = await readAnswer<Refusal>(await closedSignUp({ ...newPerson(), password: "short" }, token));
  expect(short).toMatchObject({
    status: 400,
    body: { code: "PASSWORD_TOO_SHORT", error: { code: "password_too_short" } },
  });
  const person = newPerson();
  const account = await accountOf(await closedSignUp(person, token), person.email);
  expect(account.workspaceId).toBe(owner.workspaceId);
});

test("an invitation is shown to whoever holds it, and only its digest is stored", async () => {
  const owner = await signUp("Grace");
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  const made = await owner.send<{ link: string }>("POST", "/api/invitations", { role: "editor", expiresAt });
  expect(made).toMatchObject({ status: 201, body: { role: "editor", expiresAt } });
  const token = made.body.link.replace(`${ORIGIN}/invite/`, "");
  const shown = await nobody.send("GET", `/api/invitations/${token}`);
  expect(shown).toMatchObject({ status: 200, body: { workspaceName: "Grace's workspace", role: "editor", expiresAt } });
  expect(JSON.stringify(await rows("SELECT * FROM invitations"))).not.toContain(token);
  await env.DB.prepare("UPDATE invitations SET expires_at = ?")
    .bind(Date.now() - 1)
    .run();
  expect((await nobody.send("GET", `/api/invitations/${token}`)).status).toBe(404);
  expect((await closedSignUp(newPerson(), token)).status).toBe(404);
});

test("an invitation dies with its maker's ownership", async () => {
  const owner = await signUp();
  const second = await joinAs(owner, "owner");
  const token = await invite(second, "owner");
  const { body } = await owner.send<{ items: { id: string; userId: string }[] }>("GET", "/api/members");
  const id = body.items.find((member) => member.userId === second.userId)?.id;
  expect((await owner.send("PUT", `/api/members/${id}`, { role: "viewer" })).status).toBe(200);
  expect((await nobody.send("GET", `/api/invitations/${token}`)).status).toBe(404);
});

test("somebody signed in joins by a link, moves between workspaces, and joins no workspace twice", async () => {
  const owner = await signUp("Owner");
  const guest = await signUp("Guest");
  const accepted = await guest.send("POST", "/api/invitations/accept", { token: await invite(owner, "viewer") });
  expect(accepted).toMatchObject({ status: 200, body: { workspace: { id: owner.workspaceId, role: "viewer" } } });
  const back = await guest.send("POST", "/api/me/workspace", { workspaceId: guest.workspaceId });
  expect(back).toMatchObject({ status: 200, body: { workspace: { id: guest.workspaceId, role: "owner" } } });
  expect((await guest.send("GET", "/api/me")).body).toMatchObject({ workspace: { id: guest.workspaceId } });

  const again = await invite(owner, "owner");
  const twice = await guest.send("POST", "/api/invitations/accept", { token: again });
  expect(twice).toMatchObject({ status: 409, body: { error: { code: "already_member" } } });
  expect((await nobody.send("GET", `/api/invitations/${again}`)).status).toBe(200);

  const stranger = await signUp();
  const foreign = await guest.send("POST", "/api/me/workspace", { workspaceId: stranger.workspaceId });
  expect(foreign).toMatchObject({ status: 404, body: { error: { code: "workspace_not_found" } } });
  const byKey = await (await apiKey(stranger)).send("POST", "/api/invitations/accept", { token: again });
  expect(byKey.status).toBe(401);
});

test("an invitation accepted by two signed-in people at once lets one of them in", async () => {
  const owner = await signUp();
  const guests = [await signUp(), await signUp()];
  const token = await invite(owner, "editor");
  const answers = await Promise.all(guests.map((guest) => guest.send("POST", "/api/invitations/accept", { token })));
  expect(answers.map((answer) => answer.status).toSorted()).toEqual([200, 404]);
  expect(await rows("SELECT id FROM members WHERE workspace_id = ?", owner.workspaceId)).toHaveLength(2);
  const loser = guests[answers.findIndex((answer) => answer.status === 404)];
  expect((await loser?.send("GET", "/api/me"))?.body).toMatchObject({ workspace: { id: loser?.workspaceId } });
});

test("whoever guesses passwords from one address is made to wait", async () => {
  const guess = () => nobody.send("POST", "/api/auth/sign-in/email", {}, { "CF-Connecting-IP": "203.0.113.7" });
  for (let n = 0; n < 30; n += 1) expect((await guess()).status).toBe(400);
  const refused = await guess();
  expect(refused).toMatchObject({ status: 429, body: { code: "RATE_LIMITED", error: { code: "rate_limited" } } });
  expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
});

test("signing in, a wrong password and signing out answer both kinds of client", async () => {
  const ada = await signUp();
  const wrong = await readAnswer(await signIn(ada.email, "not the password"));
  expect(wrong).toMatchObject({
    status: 401,
    body: { code: "INVALID_EMAIL_OR_PASSWORD", error: { code: "invalid_email_or_password" } },
  });
  const again = await accountOf(await signIn(ada.email), ada.email);
  expect(again.workspaceId).toBe(ada.workspaceId);
  expect((await again.send("GET", "/api/auth/get-session")).body).toMatchObject({ user: { id: ada.userId } });
  expect((await again.send("POST", "/api/auth/sign-out")).status).toBe(200);
  expect((await again.send("GET", "/api/me")).status).toBe(401);
  expect((await ada.send("GET", "/api/me")).status).toBe(200);
});

test("the session cookie is out of reach of scripts and of other sites, and secure over https", async () => {
  const ada = await signUp();
  const plain = (await signIn(ada.email)).headers.getSetCookie().join("\n");
  expect(plain).toMatch(/HttpOnly/);
  expect(plain).toMatch(/SameSite=Lax/);
  expect(plain).not.toMatch(/Secure/);
  const body = JSON.stringify({ email: ada.email, password: PASSWORD });
  const request = new Request("https://swarm.test/api/auth/sign-in/email", { method: "POST", body });
  const tls = (await exports.default.fetch(request)).headers.getSetCookie();
  expect(tls.join("\n")).toMatch(/^__Secure-.*; Secure/);
  const cookie = tls[0]?.split(";")[0] ?? "";
  const me = await exports.default.fetch(new Request("https://swarm.test/api/me", { headers: { Cookie: cookie } }));
  expect(me.status).toBe(200);
});

test("a forged or expired session is nobody's", async () => {
  const ada = await signUp();
  const [name = "", value = ""] = ada.cookie.split("=");
  const token = decodeURIComponent(value).split(".")[0];
  const forged = `${name}=${encodeURIComponent(`${token}.${btoa("x".repeat(32))}`)}`;
  expect((await nobody.fetch("/api/me", { headers: { Cookie: forged } })).status).toBe(401);
  await env.DB.prepare("UPDATE sessions SET expires_at = ? WHERE user_id = ?")
    .bind(Date.now() - 1, ada.userId)
    .run();
  expect((await ada.send("GET", "/api/me")).status).toBe(401);
});

test("an old session is prolonged when the dashboard asks who is there", async () => {
  const ada = await signUp();
  expect((await ada.fetch("/api/me")).headers.getSetCookie()).toEqual([]);
  const soon = Date.now() + 3_600_000;
  await env.DB.prepare("UPDATE sessions SET expires_at = ? WHERE user_id = ?").bind(soon, ada.userId).run();
  expect((await ada.fetch("/api/me")).headers.getSetCookie().join()).toMatch(/session_token=.*Max-Age=604800/);
  const [session] = await rows("SELECT expires_at FROM sessions WHERE user_id = ?", ada.userId);
  expect(Number(session?.expires_at)).toBeGreaterThan(soon);
});

test("malformed JSON and unknown fields are refused in the envelope", async () => {
  const broken = await nobody.fetch("/api/auth/sign-in/email", { method: "POST", body: "{nope" });
  expect(await readAnswer(broken)).toMatchObject({ status: 400, body: { error: { code: "malformed_request" } } });
  const signUpBroken = await nobody.fetch("/api/auth/sign-up/email", { method: "POST", body: "[" });
  expect(await readAnswer(signUpBroken)).toMatchObject({ status: 400, body: { error: { code: "malformed_request" } } });
  const nameless = await nobody.send("POST", "/api/auth/sign-up/email", { email: "a@example.com", password: PASSWORD });
  expect(nameless).toMatchObject({ status: 422, body: { error: { details: [{ path: "name" }] } } });
  const ada = await signUp();
  const unknown = await ada.send("POST", "/api/api-keys", { name: "ci", admin: true });
  expect(unknown).toMatchObject({ status: 422, body: { error: { details: [{ path: "admin" }] } } });
});

test("another site's page can neither change something with the cookie nor sign somebody in", async () => {
  const ada = await signUp();
  const attempts: [Record<string, string>, number][] = [
    [{}, 201],
    [{ Origin: ORIGIN }, 201],
    [{ "Sec-Fetch-Site": "same-origin" }, 201],
    [{ Origin: "https://evil.test" }, 403],
    [{ Origin: "null" }, 403],
    [{ "Sec-Fetch-Site": "cross-site", Origin: ORIGIN }, 403],
    [{ "Sec-Fetch-Site": "same-site" }, 403],
  ];
  for (const [headers, status] of attempts) {
    const answer = await ada.send("POST", "/api/api-keys", { name: "ci" }, headers);
    expect(answer.status, JSON.stringify(headers)).toBe(status);
    if (status === 403) expect(answer.body).toMatchObject({ error: { code: "cross_site_request" } });
  }
  const evil = { Origin: "https://evil.test" };
  expect((await ada.send("GET", "/api/me", undefined, evil)).status).toBe(200);
  const key = await apiKey(ada);
  expect((await key.send("DELETE", `/api/api-keys/${key.id}`, undefined, evil)).status).toBe(204);
  const login = await nobody.send("POST", "/api/auth/sign-in/email", { email: ada.email, password: PASSWORD }, evil);
  expect(login.status).toBe(403);
});

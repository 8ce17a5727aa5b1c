import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { accounts, users } from "../../src/auth/schema.ts";
import { admissionOf, admit } from "../../src/auth/sign-up.ts";
import worker from "../../src/index.ts";
import { accountOf, ctxOf, dyingDb, invite, newPerson, ORIGIN, readAnswer } from "../worker/accounts.ts";
import { canariesIn, everythingStored } from "../worker/canaries.ts";

const SETUP_TOKEN = "a-setup-token-of-the-tests-32-characters";
const HOME = "198.51.100.7";
const AWAY = "203.0.113.9";

let logged = "";
beforeAll(() => {
  for (const level of ["debug", "info", "log", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((...args) => {
      logged += `${args.join(" ")}\n`;
    });
  }
});
afterAll(() => {
  vi.restoreAllMocks();
});
beforeEach(async () => {
  await env.DB.prepare("DELETE FROM sign_in_failures").run();
});

/** Sends a request to a Worker that was deployed with a setup token, and is closed unless said otherwise. */
function deployed(path: string, init?: RequestInit, vars: Record<string, string> = {}) {
  return worker.fetch(
    new Request(`${ORIGIN}${path}`, init),
    { ...env, OPEN_SIGNUP: "false", SETUP_TOKEN, LOG_SAMPLE_PERCENT: "100", ...vars },
    createExecutionContext(),
  );
}

interface Papers {
  setupToken?: string | null;
  invitation?: string;
}

function signUp(papers: Papers = {}, { ip = HOME, person = newPerson(), vars = {} } = {}) {
  const init = { method: "POST", headers: { "CF-Connecting-IP": ip }, body: JSON.stringify({ ...person, ...papers }) };
  return deployed("/api/auth/sign-up/email", init, vars);
}

const count = (table: string) => env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first("n");
const health = async () => (await readAnswer(await deployed("/api/health"))).body;

test("the first sign-up is refused without the setup token and with a wrong one, is told what to do, and leaves nothing", async () => {
  expect(await health()).toMatchObject({ unclaimed: true, setupTokenNeeded: true });
  const wrong = `${SETUP_TOKEN.slice(0, -1)}x`;
  for (const setupToken of [undefined, null, wrong, `${SETUP_TOKEN}x`]) {
    const refused = await readAnswer(await signUp({ ...(setupToken === undefined ? {} : { setupToken }) }));
    expect(refused).toMatchObject({
      status: 403,
      body: {
        error: {
          code: "setup_token_required",
          message: expect.stringContaining("Open the address that the deployment printed"),
        },
      },
    });
  }
  // Where anybody may sign up, somebody still has to be first.
  expect((await signUp({}, { vars: { OPEN_SIGNUP: "true" } })).status).toBe(403);
  expect(await count("users")).toBe(0);
});

test("wrong setup tokens slow down the network that they come from, also in a burst, and no other", async () => {
  const guess = (ip: string) => signUp({ setupToken: "w".repeat(40) }, { ip });
  const burst = await Promise.all(Array.from({ length: 12 }, () => guess(AWAY)));
  expect(burst.filter((answer) => answer.status === 403)).toHaveLength(6);
  const slowed = await signUp({ setupToken: SETUP_TOKEN }, { ip: AWAY });
  expect(Number(slowed.headers.get("Retry-After"))).toBeGreaterThanOrEqual(1);
  expect(await readAnswer(slowed)).toMatchObject({ status: 429, body: { error: { code: "rate_limited" } } });
  expect((await guess(HOME)).status).toBe(403);
  expect(await count("users")).toBe(0);
});

test("of two first sign-ups at once with the right setup token one owns the installation; afterwards it means nothing", async () => {
  for (let n = 0; n < 3; n += 1) await signUp({ setupToken: "w".repeat(40) });
  const people = [newPerson("Ada"), newPerson("Bob")];
  const answers = await Promise.all(people.map((person) => signUp({ setupToken: SETUP_TOKEN }, { person })));
  expect(answers.map((answer) => answer.status).toSorted()).toEqual([200, 403]);
  expect([await count("installation"), await count("users"), await count("workspaces")]).toEqual([1, 1, 1]);
  expect(await count("sign_in_failures")).toBe(0);
  expect(await health()).toMatchObject({ unclaimed: false, setupTokenNeeded: false });

  for (const setupToken of [SETUP_TOKEN, "w".repeat(40)]) {
    const late = await readAnswer(await signUp({ setupToken }));
    expect(late).toMatchObject({ status: 403, body: { error: { code: "signup_closed" } } });
  }
  const first = answers.findIndex((answer) => answer.status === 200);
  const [answer, person] = [answers[first], people[first]];
  if (answer === undefined || person === undefined) throw new Error("nobody was let in");
  const owner = await accountOf(answer, person.email);
  expect((await signUp({ invitation: await invite(owner, "viewer") })).status).toBe(200);
  expect((await signUp({}, { vars: { OPEN_SIGNUP: "true" } })).status).toBe(200);
});

test("who was let in while the first sign-up was interrupted never comes to own the installation, even where it vanishes", async () => {
  await env.DB.prepare("DELETE FROM installation").run();
  const ctx = { ...ctxOf({ workspaceId: "", userId: null }), openSignup: true };
  const now = new Date();
  const made = (id: string) => ({ id, name: id, email: `${id}@x.test`, createdAt: now, updatedAt: now });
  await ctx.db.orm.insert(users).values(made("ada"));
  const account = { accountId: "ada", userId: "ada", providerId: "credential", createdAt: now, updatedAt: now };
  await ctx.db.orm.insert(accounts).values({ ...account, id: "ada" });
  const setup = { expected: SETUP_TOKEN, given: undefined, ip: HOME, secret: env.AUTH_SECRET, local: false };
  const admission = await admissionOf(ctx, { invitation: undefined, setup });
  await ctx.db.orm.delete(users).where(eq(users.id, "ada"));
  await ctx.db.orm.insert(users).values(made("eve"));
  await admit(ctx, admission, { userId: "eve", sessionToken: "of-eve" });
  expect(await count("installation")).toBe(0);
  expect(await count("workspaces WHERE name = 'eve''s workspace'")).toBe(1);
});

test("the setup token is neither stored nor logged", async () => {
  const secrets = { SETUP_TOKEN };
  const stored = [...(await everythingStored())].filter(([, text]) => canariesIn(text, secrets).length > 0);
  expect(stored.map(([place]) => place)).toEqual([]);
  expect(logged).toContain("/api/auth/sign-up/email");
  expect(canariesIn(logged, secrets)).toEqual([]);
});

test("a stranger who was cut off beside the first sign-up does not come to own the installation as that account is deleted", async () => {
  await env.DB.batch(
    ["installation", "users", "accounts", "members"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  );
  const [ada, eve] = [newPerson("Ada"), newPerson("Eve")];
  const cutOff = () => ({ OPEN_SIGNUP: "true", DB: dyingDb() });
  expect((await signUp({ setupToken: SETUP_TOKEN }, { person: ada, vars: cutOff() })).status).toBe(500);
  expect((await signUp({}, { person: eve, vars: cutOff() })).status).toBe(500);
  expect([await count("users"), await count("members")]).toEqual([2, 0]);
  expect(await health()).toMatchObject({ setupTokenNeeded: false });

  await env.DB.prepare("DELETE FROM users WHERE email = ?").bind(ada.email).run();
  expect(await health()).toMatchObject({ setupTokenNeeded: true });
  const { email, password } = eve;
  const init = { method: "POST", body: JSON.stringify({ email, password }) };
  expect((await deployed("/api/auth/sign-in/email", init, { OPEN_SIGNUP: "true" })).status).toBe(200);
  expect([await count("installation"), await count("members")]).toEqual([0, 1]);

  expect((await signUp({ setupToken: SETUP_TOKEN })).status).toBe(200);
  expect(await count("installation")).toBe(1);
});

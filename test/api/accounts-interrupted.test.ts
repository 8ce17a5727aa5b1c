import { createExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import type { Env } from "../../src/env.ts";
import worker from "../../src/index.ts";
import { accountOf, client, closedFetch, dyingDb, newPerson, ORIGIN, readAnswer } from "../worker/accounts.ts";

type Person = ReturnType<typeof newPerson>;

const post = (person: Partial<Person>) => ({ method: "POST", body: JSON.stringify(person) });
const closedSignUp = (person: Person) => closedFetch("/api/auth/sign-up/email", post(person));
const closedSignIn = ({ email, password }: Person) => closedFetch("/api/auth/sign-in/email", post({ email, password }));
const count = (sql: string) => env.DB.prepare(sql).first("n");

function fetchWith(over: Record<string, unknown>, path: string, init?: RequestInit) {
  return worker.fetch(
    new Request(`${ORIGIN}${path}`, init),
    { ...env, ...over } satisfies Env,
    createExecutionContext(),
  );
}

/** Leaves what a sign-up leaves that was cut off a moment after another's: its account, with the same password. */
async function interruptedLater(person: Person, than: Person) {
  const id = `later-${person.email}`;
  await env.DB.batch([
    env.DB.prepare(
      "INSERT INTO users (id, name, email, created_at, updated_at) SELECT ?, ?, ?, created_at + 1, updated_at FROM users WHERE email = ?",
    ).bind(id, person.name, person.email, than.email),
    env.DB.prepare(
      `INSERT INTO accounts (id, user_id, account_id, provider_id, password, created_at, updated_at)
       SELECT ?1, ?1, ?1, provider_id, password, a.created_at, a.updated_at FROM accounts a JOIN users u ON u.id = a.user_id WHERE u.email = ?2`,
    ).bind(id, than.email),
  ]);
}

test("a first sign-up that is cut off does not leave the installation to the next stranger", async () => {
  const [ada, bob, eve] = [newPerson("Ada"), newPerson("Bob"), newPerson("Eve")];
  const cut = await fetchWith({ DB: dyingDb(), OPEN_SIGNUP: "false" }, "/api/auth/sign-up/email", post(ada));
  expect(cut.status).toBe(500);
  expect(await count("SELECT count(*) AS n FROM users")).toBe(1);
  expect(await count("SELECT count(*) AS n FROM members")).toBe(0);
  await interruptedLater(bob, ada);

  const stranger = await readAnswer(await closedSignUp(eve));
  expect(stranger).toMatchObject({
    status: 403,
    body: { error: { code: "signup_closed", message: expect.stringContaining("sign in with the same email") } },
  });
  const bobIn = await closedSignIn(bob);
  expect(bobIn.status).toBe(200);
  const bobsCookie = { Cookie: bobIn.headers.getSetCookie()[0]?.split(";")[0] ?? "" };
  const bobsMe = () => closedFetch("/api/me", { headers: bobsCookie });
  expect(await readAnswer(await bobsMe())).toMatchObject({ status: 403, body: { error: { code: "no_workspace" } } });
  expect(await count("SELECT count(*) AS n FROM installation")).toBe(0);

  // Where anybody may sign up, a stranger gets a workspace, and still not the installation.
  const open = await exports.default.fetch(`${ORIGIN}/api/auth/sign-up/email`, post(eve));
  expect(open.status).toBe(200);
  expect(await count("SELECT count(*) AS n FROM installation")).toBe(0);

  const adaIn = await closedSignIn(ada);
  expect(await count("SELECT count(*) AS n FROM installation")).toBe(1);
  const account = await accountOf(adaIn, ada.email);
  expect((await account.send("GET", "/api/me")).body).toMatchObject({
    workspace: { name: "Ada's workspace", role: "owner" },
  });
  const owner = await env.DB.prepare(
    "SELECT owner_user_id AS userId, owner_workspace_id AS workspaceId FROM installation",
  ).first();
  expect(owner).toEqual({ userId: account.userId, workspaceId: account.workspaceId });

  expect((await bobsMe()).status).toBe(403);
  const bobsClient = client(bobsCookie);
  const both = await Promise.all([bobsClient.send("GET", "/api/me"), bobsClient.send("GET", "/api/me")]);
  for (const answer of both) {
    expect(answer).toMatchObject({ status: 200, body: { workspace: { name: "Bob's workspace", role: "owner" } } });
  }
  expect(await count("SELECT count(*) AS n FROM workspaces WHERE name = 'Bob''s workspace'")).toBe(1);
  expect((await account.send("GET", "/api/me")).body).toMatchObject({ workspaces: [{ id: account.workspaceId }] });
});

test("a deployed Worker names an unusable setting in its log, and not its value", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  try {
    const faulty = { OPEN_SIGNUP: "perhaps", PUBLIC_URL: "swarm.example.com", AUTH_SECRET: "short" };
    const answer = await readAnswer(await fetchWith(faulty, "/api/health"));
    expect(answer).toMatchObject({ status: 500, body: { error: { code: "internal" } } });
    const logged = log.mock.calls.flat().join("\n");
    for (const name of Object.keys(faulty)) expect(logged).toContain(`${name} `);
    for (const value of Object.values(faulty)) expect(logged).not.toContain(`"${value}"`);
  } finally {
    log.mockRestore();
  }
});

test("a flag of a deployed Worker may be written in any usual way", async () => {
  for (const OPEN_SIGNUP of ["1", "yes", "TRUE", true, 1]) {
    const signedUp = await fetchWith({ OPEN_SIGNUP }, "/api/auth/sign-up/email", post(newPerson()));
    expect(signedUp.status, String(OPEN_SIGNUP)).toBe(200);
  }
  for (const OPEN_SIGNUP of ["0", "no", "", false, 0]) {
    const refused = await fetchWith({ OPEN_SIGNUP }, "/api/auth/sign-up/email", post(newPerson()));
    expect(refused.status, String(OPEN_SIGNUP)).toBe(403);
  }
});

import { createExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { z } from "zod";
import type { Role } from "../../src/auth/index.ts";
import { systemClock } from "../../src/core/clock.ts";
import { randomIds } from "../../src/core/ids.ts";
import { openLog } from "../../src/core/log.ts";
import { openDb } from "../../src/db/client.ts";
import type { Ctx } from "../../src/db/context.ts";
import worker from "../../src/index.ts";

export const ORIGIN = "http://swarm.test";
export const PASSWORD = "a password of the tests";

/** An answer with its JSON read (null when there is none). */
export interface Answer<Body> {
  status: number;
  headers: Headers;
  body: Body;
}

/** Somebody who calls the API: with a cookie, with a key, or as nobody. */
export interface Client {
  /** A request to a path such as `/api/me`, as the Worker answers it. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The same with a JSON body, and the answer read. What the test expects to find in it, it may name: `send<{ id: string }>`. */
  send<Body = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<Body>>;
}

export interface Account extends Client {
  cookie: string;
  userId: string;
  email: string;
  workspaceId: string;
}

/** A client that sends these headers. */
export function client(headers: Record<string, string> = {}): Client {
  const fetch = (path: string, init: RequestInit = {}) => {
    const all = new Headers(init.headers);
    for (const [name, value] of Object.entries(headers)) all.set(name, value);
    return exports.default.fetch(`${ORIGIN}${path}`, { ...init, headers: all });
  };
  return {
    fetch,
    async send<Body>(method: string, path: string, body?: unknown, extra: Record<string, string> = {}) {
      const response = await fetch(path, {
        method,
        headers: extra,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return readAnswer<Body>(response);
    },
  };
}

/** Somebody without an account. */
export const nobody = client();

export async function readAnswer<Body = unknown>(response: Response): Promise<Answer<Body>> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
}

let people = 0;

/** What a new person signs up with: an email of its own each time. */
export function newPerson(name = "Ada") {
  people += 1;
  return { name, email: `person-${people}@example.com`, password: PASSWORD };
}

/**
 * Signs a new person up, who owns a workspace of its own. The first of a test file owns the installation too. With an
 * invitation's token the person joins that workspace instead.
 */
export async function signUp(name?: string, invitation?: string): Promise<Account> {
  const person = newPerson(name);
  const response = await nobody.fetch("/api/auth/sign-up/email", {
    method: "POST",
    body: JSON.stringify({ ...person, ...(invitation === undefined ? {} : { invitation }) }),
  });
  if (response.status !== 200) throw new Error(`sign-up answered ${response.status}: ${await response.text()}`);
  return accountOf(response, person.email);
}

/** The account behind an answer that set a session cookie. */
export async function accountOf(response: Response, email: string): Promise<Account> {
  const cookie = response.headers
    .getSetCookie()
    .map((each) => each.split(";")[0] ?? "")
    .join("; ");
  const own = client({ Cookie: cookie });
  const me = meSchema.parse((await own.send("GET", "/api/me")).body);
  return { ...own, cookie, email, userId: me.user.id, workspaceId: me.workspace.id };
}

const meSchema = z.object({ user: z.object({ id: z.string() }), workspace: z.object({ id: z.string() }) });

/** Signs a known person in again, with another session. */
export async function signIn(email: string, password = PASSWORD): Promise<Response> {
  return nobody.fetch("/api/auth/sign-in/email", { method: "POST", body: JSON.stringify({ email, password }) });
}

/** An invitation's token, made by this owner. */
export async function invite(owner: Client, role: Role): Promise<string> {
  const { link } = linkSchema.parse((await owner.send("POST", "/api/invitations", { role })).body);
  return link.slice(link.lastIndexOf("/") + 1);
}

const linkSchema = z.object({ link: z.string() });

/** A new person who joins this owner's workspace with a role. */
export async function joinAs(owner: Client, role: Role, name?: string): Promise<Account> {
  return signUp(name, await invite(owner, role));
}

/** A client with an API key that this account makes. The role is the account's own unless said otherwise. */
export async function apiKey(
  account: Client,
  role?: Role,
  expiresAt?: string,
): Promise<Client & { id: string; key: string }> {
  const answer = await account.send("POST", "/api/api-keys", { name: "a key of the tests", role, expiresAt });
  const { id, key } = keySchema.parse(answer.body);
  return { ...client({ Authorization: `Bearer ${key}` }), id, key };
}

const keySchema = z.object({ id: z.string(), key: z.string() });

/** The context of a verb that works for this account, for tests that call verbs themselves. */
export function ctxOf(account: { workspaceId: string; userId: string | null }, over: Partial<Ctx> = {}): Ctx {
  return {
    db: openDb(env.DB),
    clock: systemClock,
    ids: randomIds(systemClock),
    log: openLog({ requestId: "test" }),
    workspaceId: account.workspaceId,
    userId: account.userId,
    ...over,
  };
}

/** Sends a request to a Worker whose installation is closed to sign-ups without an invitation. */
export async function closedFetch(path: string, init?: RequestInit): Promise<Response> {
  return worker.fetch(
    new Request(`${ORIGIN}${path}`, init),
    { ...env, OPEN_SIGNUP: "false" },
    createExecutionContext(),
  );
}

/** A database of a Worker that ends when it is about to make a workspace: nothing after that gets through. */
export function dyingDb(): D1Database {
  let dead = false;
  return new Proxy(env.DB, {
    get(target, name) {
      if (name !== "prepare") return Reflect.get(target, name).bind(target);
      return (sql: string) => {
        dead ||= /insert into "workspaces"/i.test(sql);
        if (dead) throw new Error("the Worker has ended");
        return target.prepare(sql);
      };
    },
  });
}

export interface Member {
  id: string;
  userId: string;
  role: string;
}

/** Who belongs to this owner's workspace. */
export async function membersOf(owner: Client): Promise<Member[]> {
  return (await owner.send<{ items: Member[] }>("GET", "/api/members")).body.items;
}

/** The id of somebody's membership in this owner's workspace, "none" where there is none. */
export async function memberId(owner: Client, account: Account): Promise<string> {
  return (await membersOf(owner)).find((member) => member.userId === account.userId)?.id ?? "none";
}

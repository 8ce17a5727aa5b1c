import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { pruneSignInFailures } from "../../src/auth/index.ts";
import { admitTry, forgetTries } from "../../src/auth/sign-in-guard.ts";
import { openDb } from "../../src/db/client.ts";
import { type Account, nobody, PASSWORD, signUp } from "../worker/accounts.ts";
import { type TestClock, testClock } from "../worker/engine.ts";

const HOME = "198.51.100.7";
const AWAY = "203.0.113.9";

let ada: Account;
let clock: TestClock;
beforeAll(async () => {
  ada = await signUp("Ada");
});
beforeEach(async () => {
  clock = testClock();
  await env.DB.prepare("DELETE FROM sign_in_failures").run();
});

const ctx = () => ({ db: openDb(env.DB), clock });
const attempt = (email: string, ip: string | null, local = false) => ({ email, ip, secret: env.AUTH_SECRET, local });

/** Tries a password that turns out to be wrong. Answers how long (s) one has to wait instead, 0 when it was tried. */
async function tryWrong(email: string, ip: string | null): Promise<number> {
  return admitTry(ctx(), attempt(email, ip)).then(
    () => 0,
    (error: { code: string; retryAfterSeconds: number }) => {
      expect(error.code).toBe("rate_limited");
      return error.retryAfterSeconds;
    },
  );
}

async function wrong(email: string, ip: string, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) expect(await tryWrong(email, ip)).toBe(0);
}

function signIn(password: string, ip: string, email = ada.email) {
  return nobody.send("POST", "/api/auth/sign-in/email", { email, password }, { "CF-Connecting-IP": ip });
}

test("over the API, guessing is slowed where it comes from while the owner signs in from elsewhere", async () => {
  for (let n = 0; n < 6; n += 1) expect((await signIn("a wrong password", AWAY)).status).toBe(401);
  const slowed = await signIn(PASSWORD, AWAY);
  expect(slowed).toMatchObject({ status: 429, body: { error: { code: "rate_limited" } } });
  expect(Number(slowed.headers.get("Retry-After"))).toBeGreaterThanOrEqual(1);
  expect((await signIn(PASSWORD, HOME)).status).toBe(200);
});

test("a session that somebody took is slowed in guessing the password that changes it", async () => {
  const grace = await signUp("Grace");
  const change = (currentPassword: string) => {
    const passwords = { currentPassword, newPassword: `${PASSWORD}, and longer` };
    return grace.send("POST", "/api/auth/change-password", passwords, { "CF-Connecting-IP": AWAY });
  };
  for (let n = 0; n < 6; n += 1) expect((await change("a wrong password")).status).toBe(400);
  const slowed = await change(PASSWORD);
  expect(slowed).toMatchObject({ status: 429, body: { error: { code: "rate_limited" } } });
  await env.DB.prepare("DELETE FROM sign_in_failures").run();
  expect((await change(PASSWORD)).status).toBe(200);
});

test("an email that has no account is slowed just as one that has", async () => {
  const waitsOf = async (email: string, ip: string) => {
    const waits: number[] = [];
    for (let n = 0; n < 8; n += 1) waits.push(await tryWrong(email, ip));
    return waits;
  };
  const known = await waitsOf(ada.email, AWAY);
  expect(known).toEqual([0, 0, 0, 0, 0, 0, 2, 2]);
  expect(await waitsOf("nobody-at-all@example.com", "203.0.113.10")).toEqual(known);
});

test("of a burst no more are tried than would be one by one", async () => {
  const waits = await Promise.all(Array.from({ length: 40 }, () => tryWrong(ada.email, AWAY)));
  expect(waits.filter((wait) => wait === 0)).toHaveLength(6);
});

test("the wait passes, doubles with the next wrong password, and is forgotten after a quiet hour", async () => {
  await wrong(ada.email, AWAY, 6);
  clock.advance(2_000);
  await wrong(ada.email, AWAY, 1);
  expect(await tryWrong(ada.email, AWAY)).toBe(4);
  clock.advance(3_700_000);
  await wrong(ada.email, AWAY, 6);
});

test("a right password starts from nothing, but does not give a network its tries at others back", async () => {
  await wrong(ada.email, AWAY, 5);
  await forgetTries(ctx(), attempt(ada.email, AWAY));
  await wrong(ada.email, AWAY, 6);
  const network = await env.DB.prepare("SELECT max(failures) AS most FROM sign_in_failures").first("most");
  expect(network).toBe(10);
});

test("one network that tries a password on many accounts is slowed, and with it the /64 it could choose from", async () => {
  for (let n = 0; n < 31; n += 1) await wrong(`person-${n}@spray.example`, `2001:db8:1:2::${n}`, 1);
  expect(await tryWrong("one-more@spray.example", "2001:db8:1:2:ffff::1")).toBe(2);
  expect(await tryWrong("one-more@spray.example", "2001:db8:1:3::1")).toBe(0);
});

test("an account that is tried from everywhere waits half a minute at most, and not where its owner is signed in", async () => {
  for (let n = 0; n < 60; n += 1) {
    const wait = await tryWrong(ada.email, `10.0.${n}.1`);
    if (wait > 0) {
      expect(wait).toBeLessThanOrEqual(30);
      clock.advance(wait * 1_000);
      await wrong(ada.email, `10.0.${n}.1`, 1);
    }
  }
  expect(await tryWrong(ada.email, "192.0.2.1")).toBe(30);
  await env.DB.prepare("UPDATE sessions SET ip_address = ?1 WHERE user_id = ?2").bind(HOME, ada.userId).run();
  expect(await tryWrong(ada.email, HOME)).toBe(0);
});

test("colleagues who are signed in where somebody guesses are not held up, and nobody waits there for over a minute", async () => {
  await env.DB.prepare("UPDATE sessions SET ip_address = ?1 WHERE user_id = ?2").bind(HOME, ada.userId).run();
  for (let n = 0; n < 40; n += 1) {
    const wait = await tryWrong(`person-${n}@office.example`, HOME);
    expect(wait).toBeLessThanOrEqual(60);
    clock.advance(wait * 1_000);
  }
  await wrong("one-more@office.example", HOME, 1);
  expect(await tryWrong("and-another@office.example", HOME)).toBeGreaterThan(0);
  expect(await tryWrong(ada.email, HOME)).toBe(0);
});

test("a burst from one network does not use up the tries that an account has from all others", async () => {
  await Promise.all(Array.from({ length: 60 }, () => tryWrong("burst@example.com", AWAY)));
  const [most] =
    (await env.DB.prepare("SELECT failures FROM sign_in_failures ORDER BY failures DESC").raw<[number]>())[0] ?? [];
  expect(most).toBe(6);
});

test("an installation on one machine never slows that machine, and no other takes a missing address for its own", async () => {
  for (const ip of [null, "127.0.0.1", "::1"]) {
    for (let n = 0; n < 8; n += 1) await admitTry(ctx(), attempt(ada.email, ip, true));
  }
  await wrong("nobody@example.com", "127.0.0.1", 6);
  expect(await tryWrong("nobody@example.com", "127.0.0.1")).toBe(2);
  for (let n = 0; n < 6; n += 1) expect(await tryWrong("someone@example.com", null)).toBe(0);
  expect(await tryWrong("someone@example.com", null)).toBe(2);
});

test("counts are kept as digests, and removed once they decide nothing", async () => {
  await wrong(ada.email, AWAY, 2);
  const rows = JSON.stringify((await env.DB.prepare("SELECT * FROM sign_in_failures").all()).results);
  expect(rows).not.toContain(ada.email);
  expect(rows).not.toContain(AWAY);
  const count = () => env.DB.prepare("SELECT count(*) AS n FROM sign_in_failures").first("n");
  await pruneSignInFailures(openDb(env.DB), clock.now(), 100);
  expect(await count()).toBe(3);
  await pruneSignInFailures(openDb(env.DB), clock.now() + 3_700_000, 2);
  expect(await count()).toBe(1);
});

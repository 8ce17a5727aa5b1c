import { DomainError } from "../core/errors.ts";
import { sha256Hex } from "../core/hash.ts";
import { networkOf } from "../core/network.ts";
import type { AccountsCtx } from "./accounts-ctx.ts";
import { BACKOFFS, type Backoff, FORGOTTEN_AFTER_MS } from "./rules/sign-in-backoff.ts";

/** Who is tried, and from where. */
export interface SignInTry {
  email: string;
  /** Null where the platform names no address. */
  ip: string | null;
  /** Keys the digests, so that the table tells nobody which emails were tried. */
  secret: string;
  /** Whether this is an installation on one machine, whose own addresses are nobody else's. */
  local: boolean;
}

/** What is counted, as a digest, and its rule. */
type Counted = [string, Backoff];
type Guarded = Pick<AccountsCtx, "db" | "clock">;

/** The addresses of this machine: whoever sits here owns the database anyway. */
const LOOPBACK: ReadonlySet<string | null> = new Set([null, "127.0.0.1", "::1"]);

/**
 * Lets a password be tried, and counts it as wrong until {@link forgetTries} says that it was right: tries at once are
 * counted before any of them is looked at, so that a burst is no way round the wait. Throws `rate_limited` while the
 * account or the network has to wait. Whether there is such an account makes no difference.
 */
export async function admitTry(ctx: Guarded, attempt: SignInTry): Promise<void> {
  if (isOwnMachine(attempt)) return;
  const now = ctx.clock.now();
  const digests = await digestsOf(attempt);
  const pair: Counted = [digests.pair, BACKOFFS["account-from-network"]];
  // Whoever guesses from an office must hold up neither it nor its people elsewhere who are signed in from there.
  const others: Counted[] = (await isAtHome(ctx, attempt, now))
    ? []
    : [
        [digests.network, BACKOFFS.network],
        [digests.account, BACKOFFS.account],
      ];
  const subjects = [pair, ...others];
  const blocked = await ctx.db.d1
    .prepare(
      "SELECT max(blocked_until) AS until FROM sign_in_failures WHERE subject IN (SELECT value FROM json_each(?1))",
    )
    .bind(JSON.stringify(subjects.map(([digest]) => digest)))
    .first<{ until: number | null }>();
  if (blocked?.until && blocked.until > now) throw mustWait(blocked.until - now);

  // One after the other: a try that is refused here is none, and must not slow others down.
  for (const [digest, backoff] of subjects) {
    const { results } = await countOne(ctx, digest, backoff, now).run();
    if (results.length === 0) throw mustWait(backoff.firstWaitMs);
  }
}

/** The password was right: its account starts from nothing, and its network is not charged for this try. */
export async function forgetTries(ctx: Guarded, attempt: SignInTry): Promise<void> {
  if (isOwnMachine(attempt)) return;
  const { pair, network, account } = await digestsOf(attempt);
  await ctx.db.d1.batch([
    ctx.db.d1.prepare("DELETE FROM sign_in_failures WHERE subject IN (?1, ?2)").bind(pair, account),
    ctx.db.d1
      .prepare("UPDATE sign_in_failures SET failures = max(failures - 1, 0), blocked_until = 0 WHERE subject = ?1")
      .bind(network),
  ]);
}

/** Removes counts that decide nothing any more, at most `limit` at once. */
export async function pruneSignInFailures(db: AccountsCtx["db"], now: number, limit: number): Promise<void> {
  await db.d1
    .prepare(
      `DELETE FROM sign_in_failures WHERE subject IN
         (SELECT subject FROM sign_in_failures WHERE last_at < ?1 ORDER BY last_at LIMIT ?2)`,
    )
    .bind(now - FORGOTTEN_AFTER_MS, limit)
    .run();
}

/** A missing address is this machine's only where there is no network in front: elsewhere it must not open a way round. */
function isOwnMachine({ ip, local }: SignInTry): boolean {
  return local && LOOPBACK.has(ip);
}

/** Counts one try on a subject by its rule (`waitAfter` in SQL). Answers no row where the subject has to wait. */
function countOne({ db }: Guarded, digest: string, { free, firstWaitMs, longestWaitMs }: Backoff, now: number) {
  const failures = "CASE WHEN last_at < ?3 THEN 1 ELSE failures + 1 END";
  return db.d1
    .prepare(
      `INSERT INTO sign_in_failures (subject, failures, last_at, blocked_until) VALUES (?1, 1, ?2, 0)
       ON CONFLICT (subject) DO UPDATE SET failures = ${failures}, last_at = ?2, blocked_until =
         CASE WHEN ${failures} <= ?4 THEN 0 ELSE ?2 + min(?6, ?5 << min(${failures} - ?4 - 1, 30)) END
       WHERE blocked_until <= ?2
       RETURNING failures`,
    )
    .bind(digest, now, now - FORGOTTEN_AFTER_MS, free, firstWaitMs, longestWaitMs);
}

/** Whether the account's owner is signed in from this network right now, in another browser say. */
async function isAtHome({ db }: Guarded, { email, ip }: SignInTry, now: number): Promise<boolean> {
  const { results } = await db.d1
    .prepare(
      `SELECT DISTINCT s.ip_address AS ip FROM users u JOIN sessions s ON s.user_id = u.id
       WHERE u.email = ?1 AND s.expires_at > ?2 LIMIT 50`,
    )
    .bind(normal(email), now)
    .all<{ ip: string | null }>();
  return results.some((row) => row.ip !== null && networkOf(row.ip) === networkOf(ip));
}

async function digestsOf({ email, ip, secret }: SignInTry) {
  const digest = (kind: string, value: string) => sha256Hex(JSON.stringify([secret, kind, value]));
  const network = networkOf(ip);
  return {
    pair: await digest("account-from-network", `${normal(email)} ${network}`),
    network: await digest("network", network),
    account: await digest("account", normal(email)),
  };
}

/** As better-auth stores it. */
function normal(email: string): string {
  return email.toLowerCase();
}

function mustWait(ms: number): DomainError {
  const seconds = Math.max(1, Math.ceil(ms / 1_000));
  return new DomainError(
    "rate_limited",
    `There were too many wrong passwords. Try again in ${seconds} seconds, or ask an owner of your workspace for a link that sets a new password.`,
    { retryAfterSeconds: seconds },
  );
}

import { DomainError } from "../core/errors.ts";
import { networkOf } from "../core/network.ts";
import type { AccountsCtx } from "./accounts-ctx.ts";
import { type Counted, countTry, type Guarded, isOwnMachine, subjectDigest, type TryPlace } from "./counted-tries.ts";
import { BACKOFFS, FORGOTTEN_AFTER_MS } from "./rules/sign-in-backoff.ts";

/** Who is tried, and from where. */
export interface SignInTry extends TryPlace {
  email: string;
}

/**
 * Lets a password be tried, and counts it as wrong until {@link forgetTries} says that it was right: tries at once are
 * counted before any of them is looked at, so that a burst is no way round the wait. Throws `rate_limited` while the
 * account or the network has to wait. Whether there is such an account makes no difference.
 */
export async function admitTry(ctx: Guarded, attempt: SignInTry): Promise<void> {
  if (isOwnMachine(attempt)) return;
  const digests = await digestsOf(attempt);
  const pair: Counted = [digests.pair, BACKOFFS["account-from-network"]];
  // Whoever guesses from an office must hold up neither it nor its people elsewhere who are signed in from there.
  const others: Counted[] = (await isAtHome(ctx, attempt))
    ? []
    : [
        [digests.network, BACKOFFS.network],
        [digests.account, BACKOFFS.account],
      ];
  const wait = await countTry(ctx, [pair, ...others]);
  if (wait > 0) throw mustWait(wait);
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

/** Whether the account's owner is signed in from this network right now, in another browser say. */
async function isAtHome({ db, clock }: Guarded, { email, ip }: SignInTry): Promise<boolean> {
  const { results } = await db.d1
    .prepare(
      `SELECT DISTINCT s.ip_address AS ip FROM users u JOIN sessions s ON s.user_id = u.id
       WHERE u.email = ?1 AND s.expires_at > ?2 LIMIT 50`,
    )
    .bind(normal(email), clock.now())
    .all<{ ip: string | null }>();
  return results.some((row) => row.ip !== null && networkOf(row.ip) === networkOf(ip));
}

async function digestsOf(attempt: SignInTry) {
  const email = normal(attempt.email);
  const network = networkOf(attempt.ip);
  return {
    pair: await subjectDigest(attempt, "account-from-network", `${email} ${network}`),
    network: await subjectDigest(attempt, "network", network),
    account: await subjectDigest(attempt, "account", email),
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

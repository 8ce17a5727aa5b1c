import { sha256Hex } from "../core/hash.ts";
import type { AccountsCtx } from "./accounts-ctx.ts";
import { type Backoff, FORGOTTEN_AFTER_MS } from "./rules/sign-in-backoff.ts";

/** Where a secret is tried from. */
export interface TryPlace {
  /** Null where the platform names no address. */
  ip: string | null;
  /** Keys the digests, so that the table tells nobody what was tried. */
  secret: string;
  /** Whether this is an installation on one machine, whose own addresses are nobody else's. */
  local: boolean;
}

/** What is counted, as a digest, and its rule. */
export type Counted = readonly [digest: string, backoff: Backoff];
export type Guarded = Pick<AccountsCtx, "db" | "clock">;

/** The addresses of this machine: whoever sits here owns the database anyway. */
const LOOPBACK: ReadonlySet<string | null> = new Set([null, "127.0.0.1", "::1"]);

/** A missing address is this machine's only where there is no network in front: elsewhere it must not open a way round. */
export function isOwnMachine({ ip, local }: TryPlace): boolean {
  return local && LOOPBACK.has(ip);
}

/** What a subject of a kind is counted by. */
export function subjectDigest({ secret }: TryPlace, kind: string, value: string): Promise<string> {
  return sha256Hex(JSON.stringify([secret, kind, value]));
}

/**
 * Counts one try on each subject as a wrong one, before anybody has looked at it, so that a burst is no way round the
 * wait. Answers how long (ms) to wait instead where a subject has to; the try is then none.
 */
export async function countTry({ db, clock }: Guarded, subjects: readonly Counted[]): Promise<number> {
  const now = clock.now();
  const blocked = await db.d1
    .prepare(
      "SELECT max(blocked_until) AS until FROM sign_in_failures WHERE subject IN (SELECT value FROM json_each(?1))",
    )
    .bind(JSON.stringify(subjects.map(([digest]) => digest)))
    .first<{ until: number | null }>();
  if (blocked?.until && blocked.until > now) return blocked.until - now;

  // One after the other: a try that is refused here is none, and must not slow others down.
  for (const [digest, backoff] of subjects) {
    const { results } = await countOne(db, digest, backoff, now).run();
    if (results.length === 0) return backoff.firstWaitMs;
  }
  return 0;
}

/** Counts one try on a subject by its rule (`waitAfter` in SQL). Answers no row where the subject has to wait. */
function countOne(db: Guarded["db"], digest: string, { free, firstWaitMs, longestWaitMs }: Backoff, now: number) {
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

import { DomainError } from "../core/errors.ts";
import { sameDigest, sha256Hex } from "../core/hash.ts";
import { networkOf } from "../core/network.ts";
import { type Counted, countTry, type Guarded, isOwnMachine, subjectDigest, type TryPlace } from "./counted-tries.ts";
import { BACKOFFS } from "./rules/sign-in-backoff.ts";

/** What a first sign-up brings to show that it is made by whoever deployed, and from where. */
export interface SetupTry extends TryPlace {
  /** `SETUP_TOKEN`. Without one the installation belongs to whoever comes first. */
  expected: string | undefined;
  given: string | undefined;
}

const ADVICE =
  "Open the address that the deployment printed at its end: it leads to /sign-up#setup=... and is good until somebody owns the installation. If it is lost, deploy again (npm run deploy), and a new one is printed.";

/**
 * Refuses a first sign-up that does not bring the setup token, where one is set. Wrong ones are slowed down as wrong
 * passwords are. Throws `setup_token_required` and `rate_limited`.
 */
export async function requireSetupToken(ctx: Guarded, attempt: SetupTry): Promise<void> {
  const { expected, given } = attempt;
  if (expected === undefined) return;
  if (given === undefined) {
    throw new DomainError(
      "setup_token_required",
      `This installation waits for the account of whoever deployed it. ${ADVICE}`,
    );
  }
  const subject: Counted = [
    await subjectDigest(attempt, "setup-from-network", networkOf(attempt.ip)),
    BACKOFFS["setup-from-network"],
  ];
  const wait = isOwnMachine(attempt) ? 0 : await countTry(ctx, [subject]);
  if (wait > 0) throw mustWait(wait);
  if (!sameDigest(await sha256Hex(given), await sha256Hex(expected))) {
    throw new DomainError(
      "setup_token_required",
      `This is not the setup token of this installation: a later deployment may have replaced it. ${ADVICE}`,
    );
  }
  await ctx.db.d1.prepare("DELETE FROM sign_in_failures WHERE subject = ?1").bind(subject[0]).run();
}

function mustWait(ms: number): DomainError {
  const seconds = Math.max(1, Math.ceil(ms / 1_000));
  return new DomainError(
    "rate_limited",
    `There were too many wrong setup tokens. Try again in ${seconds} seconds, at the address that the last deployment printed.`,
    { retryAfterSeconds: seconds },
  );
}

/** What wrong passwords are counted on, and wrong setup tokens. */
export type Subject = "account-from-network" | "network" | "account" | "setup-from-network";

/** How wrong passwords in a row slow the next one down. Times in milliseconds. */
export interface Backoff {
  /** This many cost nothing: people mistype. */
  free: number;
  /** The wait after the next one, which doubles with each. */
  firstWaitMs: number;
  longestWaitMs: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** After this long without a try a subject starts from nothing again. */
export const FORGOTTEN_AFTER_MS = 60 * MINUTE;

/**
 * One network guessing at one account waits longest, since nobody else is held up. A network is given more tries and waits
 * a minute at most, because an office shares one. An account that is tried from everywhere is slowed by at most half a
 * minute at a time. Neither holds for a network from which the account's owner is signed in: guessing must not become a way
 * to lock somebody out. NIST SP 800-63B (section 5.2.2) asks to limit tries on one account: a guesser with one network has
 * some ten an hour, one with very many networks two a minute. A setup token is random and long: what is counted is only
 * the network, since a wait for all would let strangers hold up whoever deployed.
 */
export const BACKOFFS: Readonly<Record<Subject, Backoff>> = {
  "account-from-network": { free: 5, firstWaitMs: 2 * SECOND, longestWaitMs: 15 * MINUTE },
  network: { free: 30, firstWaitMs: 2 * SECOND, longestWaitMs: MINUTE },
  "setup-from-network": { free: 5, firstWaitMs: 2 * SECOND, longestWaitMs: 15 * MINUTE },
  account: { free: 50, firstWaitMs: 2 * SECOND, longestWaitMs: 30 * SECOND },
};

/** How long (ms) the next try waits after this many wrong ones in a row. */
export function waitAfter({ free, firstWaitMs, longestWaitMs }: Backoff, failures: number): number {
  if (failures <= free) return 0;
  return Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(failures - free - 1, 30));
}

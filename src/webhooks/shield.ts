import { networkOf } from "../core/network.ts";

/** Wrong secrets that an address may send at once, and how many a second come back. */
const BURST = 50;
const REFILL_PER_SECOND = 5;
/** Both bound what an isolate remembers. The oldest make room. */
const MAX_ADDRESSES = 10_000;
const MAX_SECRETS = 5_000;
/** No workflow's id is longer, and longer ones would be kept for whoever makes them up. */
const MAX_ID_LENGTH = 64;

/** What a call shows: the workflow that it names, and the digest of its secret in hex. */
export interface Claim {
  workflowId: string;
  digest: string;
}

/**
 * Keeps an address that sends wrong secrets from reading the database with each of them: coarse, since every isolate
 * counts for itself, and needed for that alone, since nobody guesses 256 bits. A secret that was right here before
 * passes whatever else comes from its address; a new one passes as soon as the address has a wrong one to its credit
 * again, a fifth of a second after its last. So none is ever locked out behind an address that it shares. What is known
 * of a secret is known of it and its workflow together: sent with another workflow, anybody could spoil it.
 */
export class Shield {
  readonly #addresses = new Map<string, { left: number; at: number }>();
  /** What was found of secrets, by workflow and digest. `asked`: somebody is looking it up. */
  readonly #secrets = new Map<string, "right" | "wrong" | "asked">();

  /**
   * Lets a call go on to the look-up and answers 0, or answers the seconds after which its address may try again. What
   * it found has to be told by {@link right}, {@link wrong} or {@link unknown}. A burst of calls with one new secret is one try: counted
   * each, most of a right one's first burst would be refused.
   *
   * @param now epoch milliseconds
   */
  enter(ip: string | null, claim: Claim, now: number): number {
    const key = keyOf(claim);
    const known = this.#secrets.get(key);
    if (known === "right" || known === "asked") return 0;
    const left = this.#leftOf(ip, now);
    if (left < 1) return Math.ceil((1 - left) / REFILL_PER_SECOND);
    this.#credit(ip, left - 1, now);
    if (known === undefined) remember(this.#secrets, key, "asked", MAX_SECRETS);
    return 0;
  }

  /** The secret opened a webhook. A first one gives its try back. */
  right(ip: string | null, claim: Claim, now: number): void {
    const key = keyOf(claim);
    if (this.#secrets.get(key) !== "right") this.#credit(ip, this.#leftOf(ip, now) + 1, now);
    remember(this.#secrets, key, "right", MAX_SECRETS);
  }

  /** The secret opened nothing: from now on each call with it counts. */
  wrong(claim: Claim): void {
    remember(this.#secrets, keyOf(claim), "wrong", MAX_SECRETS);
  }

  /** The look-up failed: nobody is at it any more, and the next call with the secret counts. */
  unknown(claim: Claim): void {
    const key = keyOf(claim);
    if (this.#secrets.get(key) === "asked") this.#secrets.delete(key);
  }

  #credit(ip: string | null, left: number, now: number): void {
    remember(this.#addresses, networkOf(ip), { left: Math.min(BURST, left), at: now }, MAX_ADDRESSES);
  }

  #leftOf(ip: string | null, now: number): number {
    const known = this.#addresses.get(networkOf(ip));
    if (known === undefined) return BURST;
    return Math.min(BURST, known.left + (Math.max(0, now - known.at) / 1_000) * REFILL_PER_SECOND);
  }
}

function keyOf({ workflowId, digest }: Claim): string {
  return `${workflowId.slice(0, MAX_ID_LENGTH + 1)}/${digest}`;
}

/** The headers of an answer to an address that has to wait, as {@link Shield.enter} said. */
export function shieldHeaders(seconds: number): Record<string, string> {
  return { "RateLimit-Limit": String(BURST), "RateLimit-Remaining": "0", "RateLimit-Reset": String(seconds) };
}

/** Taken out first, so that a map's order stays that of its uses. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next();
  if (map.size > most && !oldest.done) map.delete(oldest.value);
}

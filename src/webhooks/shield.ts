import ipaddr from "ipaddr.js";

/** Wrong secrets that an address may send at once, and how many a second come back. */
const BURST = 50;
const REFILL_PER_SECOND = 5;
/** Both bound what an isolate remembers. The oldest make room. */
const MAX_ADDRESSES = 10_000;
const MAX_RIGHT_SECRETS = 5_000;

/**
 * Keeps an address that sends wrong secrets from reading the database with each of them: coarse, since every isolate
 * counts for itself, and needed for that alone, since nobody guesses 256 bits. A secret that was right here before
 * passes whatever else comes from its address; a new one passes as soon as the address has a wrong one to its credit
 * again, a fifth of a second after its last. So none is ever locked out behind an address that it shares.
 */
export class Shield {
  readonly #addresses = new Map<string, { left: number; at: number }>();
  readonly #right = new Map<string, true>();

  /** Seconds after which this address may try again; 0 when it may now. `digest` is that of the secret that it sent. */
  waitSeconds(ip: string | null, digest: string, now: number): number {
    if (this.#right.has(digest)) return 0;
    const left = this.#leftOf(placeOf(ip), now);
    return left >= 1 ? 0 : Math.ceil((1 - left) / REFILL_PER_SECOND);
  }

  /** The secret opened a webhook. */
  right(digest: string): void {
    remember(this.#right, digest, true, MAX_RIGHT_SECRETS);
  }

  /** The secret opened nothing. */
  wrong(ip: string | null, digest: string, now: number): void {
    this.#right.delete(digest);
    const place = placeOf(ip);
    remember(this.#addresses, place, { left: Math.max(0, this.#leftOf(place, now) - 1), at: now }, MAX_ADDRESSES);
  }

  #leftOf(place: string, now: number): number {
    const known = this.#addresses.get(place);
    if (known === undefined) return BURST;
    return Math.min(BURST, known.left + (Math.max(0, now - known.at) / 1_000) * REFILL_PER_SECOND);
  }
}

/** Taken out first, so that a map's order stays that of its uses. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next();
  if (map.size > most && !oldest.done) map.delete(oldest.value);
}

/** An IPv6 address counts by its /64, which one subscriber has to choose from. */
function placeOf(ip: string | null): string {
  if (ip === null) return "unknown";
  if (!ip.includes(":") || !ipaddr.IPv6.isValid(ip)) return ip;
  const address = ipaddr.IPv6.parse(ip);
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString();
  return address.parts.slice(0, 4).join(":");
}

import type { Refusal } from "./breaker.ts";

/** A probe is mostly back within seconds: waiting for the end of its lease would keep everyone out for minutes. */
const PROBING_AGAIN_MS = 5_000;
/** The object's clock may be behind: whoever comes back at once would come back again and again until it is not. */
const SOONEST_MS = 1_000;

/** When somebody whom a breaker did not let through should ask again. All times in epoch milliseconds. */
export function comeBackAt({ reason, reopensAt }: Refusal, now: number): number {
  const at = reason === "probing" ? Math.min(reopensAt, now + PROBING_AGAIN_MS) : reopensAt;
  return Math.max(at, now + SOONEST_MS);
}

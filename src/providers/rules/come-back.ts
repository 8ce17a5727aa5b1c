import type { Refusal } from "./breaker.ts";

/** A probe is mostly back within seconds: waiting for the end of its lease would keep everyone out for minutes. */
const PROBING_AGAIN_MS = 5_000;
/** The object's clock may be behind: whoever comes back at once would come back again and again until it is not. */
const SOONEST_MS = 1_000;

/**
 * When somebody whom a breaker did not let through should ask again: when it lets callers through, or, where that is too
 * late, when it lends a last resort. All times in epoch milliseconds.
 *
 * @param deadlineAt from when on no call can be made
 */
export function comeBackAt({ reason, reopensAt, lastResortAt }: Refusal, now: number, deadlineAt: number): number {
  const soonest = now + SOONEST_MS;
  if (reason === "probing") return Math.max(Math.min(reopensAt, now + PROBING_AGAIN_MS), soonest);
  const at = Math.max(reopensAt, soonest);
  if (lastResortAt === null || at < deadlineAt) return at;
  const resort = Math.max(lastResortAt, soonest);
  return resort < deadlineAt ? resort : at;
}

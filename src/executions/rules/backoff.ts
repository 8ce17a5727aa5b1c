import { MAX_DELAY_SECONDS } from "../limits.ts";

const FIRST_DELAY_MS = 1_000;
const MAX_BACKOFF_MS = 5 * 60_000;

/**
 * How long to wait before a step is run again, in milliseconds: doubling from a second to five minutes, with "equal
 * jitter" (half fixed, half random) so that steps that failed together do not return together. A provider's own
 * Retry-After counts when it is longer.
 *
 * @param retries how often the step was run again already
 * @param random between 0 and 1
 */
export function retryDelayMs(retries: number, random: number, retryAfterMs: number | null): number {
  const ceiling = Math.min(MAX_BACKOFF_MS, FIRST_DELAY_MS * 2 ** Math.min(retries, 30));
  const backoff = ceiling / 2 + (ceiling / 2) * random;
  return Math.min(MAX_DELAY_SECONDS * 1_000, Math.ceil(Math.max(backoff, retryAfterMs ?? 0)));
}

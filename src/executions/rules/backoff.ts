const FIRST_DELAY_MS = 1_000;
const MAX_BACKOFF_MS = 5 * 60_000;

/**
 * How long to wait before a step is run again, in milliseconds: doubling from a second to five minutes, with "equal
 * jitter" (half fixed, half random) so that steps that failed together do not return together.
 *
 * @param retries how often the step was run again already
 * @param random between 0 and 1
 */
export function retryDelayMs(retries: number, random: number): number {
  const ceiling = Math.min(MAX_BACKOFF_MS, FIRST_DELAY_MS * 2 ** Math.min(retries, 30));
  return Math.ceil(ceiling / 2 + (ceiling / 2) * random);
}

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/**
 * How long to wait (ms) before the next try, after so many that failed in a row: doubling, with up to half of it left
 * to chance (`random`, 0 to 1), so that all the pages that a restart cut off do not come back in the same moment.
 */
export function backoffMs(failures: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return Math.round(full / 2 + (full / 2) * random);
}

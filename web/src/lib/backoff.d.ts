/**
 * How long to wait (ms) before the next try, after so many that failed in a row: doubling, with up to half of it left
 * to chance (`random`, 0 to 1), so that all the pages that a restart cut off do not come back in the same moment.
 */
export declare function backoffMs(failures: number, random: number): number;

/**
 * An amount of nano-USD as people read it: two decimals, and below a cent as many as it takes for two digits that are
 * not zero, so that no call that cost something reads as free. 4200000 -> "$0.0042", 1234500000000 -> "$1,234.50".
 * Rounded half away from zero.
 */
export declare function formatMoney(nanoUsd: number | bigint): string;
/** Every digit of an amount: 4200001 -> "$0.004200001, that is 4,200,001 nano-dollars". For hovers. */
export declare function formatExactMoney(nanoUsd: number | bigint): string;

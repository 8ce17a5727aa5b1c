const NANO_USD_PER_USD = 1_000_000_000n;

/** How many digits that say something an amount under a cent is shown with. */
const SIGNIFICANT_DIGITS = 2;

/**
 * An amount of nano-USD as people read it: two decimals, and below a cent as many as it takes for two digits that are
 * not zero, so that no call that cost something reads as free. 4200000 -> "$0.0042", 1234500000000 -> "$1,234.50".
 * Rounded half away from zero.
 */
export function formatMoney(nanoUsd: number | bigint): string {
  const nano = BigInt(nanoUsd);
  const sign = nano < 0n ? "-" : "";
  const magnitude = nano < 0n ? -nano : nano;
  const decimals = decimalsFor(magnitude);
  const step = 10n ** BigInt(9 - decimals);
  const rounded = (magnitude + step / 2n) / step;
  const scale = 10n ** BigInt(decimals);
  const fraction = (rounded % scale).toString().padStart(decimals, "0");
  return `${sign}$${grouped(rounded / scale)}.${fraction}`;
}

/** Every digit of an amount: 4200001 -> "$0.004200001, that is 4,200,001 nano-dollars". For hovers. */
export function formatExactMoney(nanoUsd: number | bigint): string {
  const nano = BigInt(nanoUsd);
  const magnitude = nano < 0n ? -nano : nano;
  const fraction = (magnitude % NANO_USD_PER_USD).toString().padStart(9, "0");
  const sign = nano < 0n ? "-" : "";
  const dollars = `${sign}$${grouped(magnitude / NANO_USD_PER_USD)}.${fraction}`;
  return `${dollars}, that is ${sign}${grouped(magnitude)} nano-dollars`;
}

/**
 * An amount to its last digit that is not zero, and two decimals at least: 13500000 -> "$0.0135". For the marks of an axis,
 * which are round and lie evenly: rounded each by itself they would seem not to.
 */
export function formatMark(nanoUsd: number): string {
  const nano = BigInt(Math.round(nanoUsd));
  const fraction = (nano % NANO_USD_PER_USD)
    .toString()
    .padStart(9, "0")
    .replace(/0{1,7}$/, "");
  return `$${grouped(nano / NANO_USD_PER_USD)}.${fraction}`;
}

function decimalsFor(magnitude: bigint): number {
  if (magnitude === 0n || magnitude >= NANO_USD_PER_USD / 100n) return 2;
  const leadingZeros = 9 - magnitude.toString().length;
  return Math.min(9, leadingZeros + SIGNIFICANT_DIGITS);
}

function grouped(value: bigint): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

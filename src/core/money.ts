/** One US dollar in nano-USD, the unit of every amount in the database and the API. */
export const NANO_USD_PER_USD = 1_000_000_000;

/**
 * A decimal string of an amount in nano-USD, exact to the last digit: 4200000 -> "0.0042".
 * Trailing zeros after the second decimal are left out: 1500000000 -> "1.50".
 */
export function nanoUsdToDecimal(nanoUsd: number): string {
  const sign = nanoUsd < 0 ? "-" : "";
  const magnitude = BigInt(Math.abs(nanoUsd));
  const whole = magnitude / BigInt(NANO_USD_PER_USD);
  const fraction = (magnitude % BigInt(NANO_USD_PER_USD)).toString().padStart(9, "0");
  return `${sign}${whole}.${fraction.slice(0, 2)}${fraction.slice(2).replace(/0+$/, "")}`;
}

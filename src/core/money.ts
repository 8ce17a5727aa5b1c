/** One US dollar in nano-USD, the unit of every amount in the database and the API. */
export const NANO_USD_PER_USD = 1_000_000_000;

/**
 * A decimal string of an amount in nano-USD, exact to the last digit: 4200000 -> "0.0042".
 * Trailing zeros after the second decimal are left out: 1500000000 -> "1.50".
 */
export function nanoUsdToDecimal(nanoUsd: number | bigint): string {
  const sign = nanoUsd < 0 ? "-" : "";
  const magnitude = nanoUsd < 0 ? -BigInt(nanoUsd) : BigInt(nanoUsd);
  const whole = magnitude / BigInt(NANO_USD_PER_USD);
  const fraction = (magnitude % BigInt(NANO_USD_PER_USD)).toString().padStart(9, "0");
  return `${sign}${whole}.${fraction.slice(0, 2)}${fraction.slice(2).replace(/0+$/, "")}`;
}

/**
 * The amount in nano-USD that a decimal names, exactly: "12.5" -> 12500000000. `null` for what is no plain decimal, has
 * more than nine digits behind the point, or is more than a number holds exactly.
 */
export function decimalToNanoUsd(decimal: string): number | null {
  const match = /^(\d{1,16})(?:\.(\d{1,9}))?$/.exec(decimal);
  if (!match) return null;
  const [, whole = "", fraction = ""] = match;
  const nanoUsd = Number(BigInt(whole) * BigInt(NANO_USD_PER_USD) + BigInt(fraction.padEnd(9, "0")));
  return Number.isSafeInteger(nanoUsd) ? nanoUsd : null;
}

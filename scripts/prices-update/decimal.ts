/**
 * USD as the price data writes it, in micro-USD, exactly: the digits are moved, never multiplied (0.07 * 1e6 is
 * 70000.00000000001). Throws when there are more than six decimals, or anything that is not a plain decimal.
 */
export function microUsd(usd: number): number {
  const match = /^(\d+)(?:\.(\d{1,6}))?$/.exec(String(usd));
  if (!match) throw new Error(`a price of ${usd} USD is not a whole number of micro-USD`);
  return Number(`${match[1]}${(match[2] ?? "").padEnd(6, "0")}`);
}

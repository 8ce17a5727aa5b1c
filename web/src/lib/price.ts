/** A million dollars for a million tokens is the most that the API takes. */
const MOST_MICRO_USD = 1_000_000_000_000n;
const MICRO_USD_PER_USD = 1_000_000n;

/**
 * The price in micro-USD that dollars name, to the last digit and without floating point: "2.50" -> 2500000. Null for
 * what is no plain decimal, has more than six digits behind the point, or is over a million dollars.
 */
export function dollarsToMicroUsd(text: string): number | null {
  const match = /^(\d{1,7})?(?:\.(\d{0,6}))?$/.exec(text.trim().replace(/^\$\s*/, ""));
  const [, whole, fraction] = match ?? [];
  if ((whole ?? "") === "" && (fraction ?? "") === "") return null;
  const micro = BigInt(whole ?? "0") * MICRO_USD_PER_USD + BigInt((fraction ?? "").padEnd(6, "0"));
  return micro > MOST_MICRO_USD ? null : Number(micro);
}

/** The dollars that a price is, as one writes them into a field: 2500000 -> "2.50", 37500 -> "0.0375". */
export function microUsdToDollars(microUsd: number): string {
  const micro = BigInt(microUsd);
  const fraction = (micro % MICRO_USD_PER_USD).toString().padStart(6, "0");
  return `${micro / MICRO_USD_PER_USD}.${fraction.slice(0, 2)}${fraction.slice(2).replace(/0+$/, "")}`;
}

/** A price as people read it, every digit of it: 2500000 -> "$2.50". Prices are for a million tokens. */
export function formatPrice(microUsd: number): string {
  const [whole = "0", fraction = "00"] = microUsdToDollars(microUsd).split(".");
  return `$${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${fraction}`;
}

import { z } from "zod";
import { isoTime } from "../core/clock.ts";
import type { ClassPrices, Price } from "./catalogue-model.ts";

/** Prices as `provider_pricing` and the API name them. A class that is not priced apart is null or left out. */
export const storedClassFields = {
  inputTokenPrice: z.number(),
  cachedInputTokenPrice: z.number().nullish(),
  cacheWriteTokenPrice: z.number().nullish(),
  cacheWrite1hTokenPrice: z.number().nullish(),
  outputTokenPrice: z.number(),
  reasoningTokenPrice: z.number().nullish(),
};
type StoredClasses = z.infer<z.ZodObject<typeof storedClassFields>>;

const tiersSchema = z.array(z.object({ aboveInputTokens: z.number(), ...storedClassFields }));
type StoredTiers = z.infer<typeof tiersSchema>;

/** The column `tiers`: JSON, or null. */
export function parseTiers(text: string | null): StoredTiers {
  return text === null ? [] : tiersSchema.parse(JSON.parse(text));
}

/** A workspace's price in the catalogue's form. `effectiveDate` is in epoch milliseconds. */
export function priceOf(row: StoredClasses & { effectiveDate: number }, tiers: StoredTiers): Price {
  return {
    effectiveDate: isoTime(row.effectiveDate),
    ...classPrices(row),
    ...(tiers.length === 0
      ? {}
      : { tiers: tiers.map((tier) => ({ aboveInputTokens: tier.aboveInputTokens, ...classPrices(tier) })) }),
  };
}

function classPrices(row: StoredClasses): ClassPrices {
  return {
    input: row.inputTokenPrice,
    ...part("cachedInput", row.cachedInputTokenPrice),
    ...part("cacheWrite", row.cacheWriteTokenPrice),
    ...part("cacheWrite1h", row.cacheWrite1hTokenPrice),
    output: row.outputTokenPrice,
    ...part("reasoning", row.reasoningTokenPrice),
  };
}

/** Left out rather than null or undefined: that is how the catalogue says that a class has no price of its own. */
function part<Name extends string>(name: Name, price: number | null | undefined): Partial<Record<Name, number>> {
  const one: Partial<Record<Name, number>> = {};
  if (price !== null && price !== undefined) Object.assign(one, { [name]: price });
  return one;
}

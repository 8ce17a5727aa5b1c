import { dollarsToMicroUsd, microUsdToDollars } from "./price.ts";

/** The classes of tokens, as the API names their prices. The first two have to have one. */
export const PRICE_CLASSES = [
  { field: "inputTokenPrice", label: "Input", required: true },
  { field: "outputTokenPrice", label: "Output", required: true },
  { field: "cachedInputTokenPrice", label: "Input from cache", required: false },
  { field: "cacheWriteTokenPrice", label: "Written to cache", required: false },
  { field: "cacheWrite1hTokenPrice", label: "Written to cache for an hour", required: false },
  { field: "reasoningTokenPrice", label: "Reasoning", required: false },
] as const;

export type PriceField = (typeof PRICE_CLASSES)[number]["field"];

/** Prices as they are typed: dollars for a million tokens. */
export type PriceDraft = Readonly<Record<PriceField, string>>;

/** Prices as the API takes them: micro-USD for a million tokens; null is not priced apart. */
export type Prices = Record<PriceField, number | null> & { inputTokenPrice: number; outputTokenPrice: number };

export const EMPTY_DRAFT: PriceDraft = {
  inputTokenPrice: "",
  outputTokenPrice: "",
  cachedInputTokenPrice: "",
  cacheWriteTokenPrice: "",
  cacheWrite1hTokenPrice: "",
  reasoningTokenPrice: "",
};

/** What the fields hold for prices that are there already. */
export function draftOf(prices: Partial<Record<PriceField, number | null | undefined>>): PriceDraft {
  const draft: Record<PriceField, string> = { ...EMPTY_DRAFT };
  for (const { field } of PRICE_CLASSES) {
    const price = prices[field];
    if (price !== null && price !== undefined) draft[field] = microUsdToDollars(price);
  }
  return draft;
}

/** The prices that were typed, and what is wrong with single ones. `prices` is null while anything is. */
export function readDraft(draft: PriceDraft): { prices: Prices | null; faults: Partial<Record<PriceField, string>> } {
  const faults: Partial<Record<PriceField, string>> = {};
  const read = (field: PriceField, required: boolean): number | null => {
    const text = draft[field].trim();
    if (text === "" && !required) return null;
    const price = dollarsToMicroUsd(text);
    if (price === null) {
      faults[field] = text === "" ? "Fill this in." : "Dollars with at most six digits behind the point, such as 2.50.";
    }
    return price;
  };
  const inputTokenPrice = read("inputTokenPrice", true);
  const outputTokenPrice = read("outputTokenPrice", true);
  const rest = {
    cachedInputTokenPrice: read("cachedInputTokenPrice", false),
    cacheWriteTokenPrice: read("cacheWriteTokenPrice", false),
    cacheWrite1hTokenPrice: read("cacheWrite1hTokenPrice", false),
    reasoningTokenPrice: read("reasoningTokenPrice", false),
  };
  const complete = inputTokenPrice !== null && outputTokenPrice !== null && Object.keys(faults).length === 0;
  return { prices: complete ? { inputTokenPrice, outputTokenPrice, ...rest } : null, faults };
}

/** Providers whose models and prices are known. An `openai-compatible` server's are whatever its owner made them. */
export const CATALOGUE_PROVIDERS = ["openai", "anthropic", "gemini"] as const;
export type CatalogueProvider = (typeof CATALOGUE_PROVIDERS)[number];

/** `json` is output held to a schema or at least to JSON; `long_context` a window of 400,000 tokens or more. */
export const CAPABILITIES = ["text", "vision", "tools", "json", "reasoning", "long_context"] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** What class of work a model is made and priced for. `reasoning` is the class above `large`, slow and dear. */
export const TIERS = ["small", "medium", "large", "reasoning"] as const;
export type Tier = (typeof TIERS)[number];

/**
 * Integers in micro-USD per million tokens. A class that is absent is not priced apart: cached input and cache writes
 * cost as input, writes for an hour as other cache writes, reasoning as output.
 */
export interface ClassPrices {
  readonly input: number;
  readonly cachedInput?: number;
  /** Written to a cache of the provider's default lifetime. */
  readonly cacheWrite?: number;
  /** Written to a cache that lives an hour. */
  readonly cacheWrite1h?: number;
  readonly output: number;
  readonly reasoning?: number;
}

/** The prices of a whole request whose input, cached parts among it, is longer than this many tokens. */
export interface PriceTier extends ClassPrices {
  readonly aboveInputTokens: number;
}

/**
 * What a model costs from `effectiveDate` on: the start of a day (UTC, `YYYY-MM-DD`) in the catalogue, a time in ISO
 * 8601 where a workspace has set it. Tiers ascend by their threshold.
 */
export interface Price extends ClassPrices {
  readonly effectiveDate: string;
  readonly tiers?: readonly PriceTier[];
}

export interface CatalogueModel {
  readonly provider: CatalogueProvider;
  readonly id: string;
  /** Other names of the same model at the same price. Names that only add a date are recognised without being listed. */
  readonly aliases: readonly string[];
  /** In tokens, input and output together where the provider counts so. */
  readonly contextWindow: number;
  /** `null` where the provider does not publish it. */
  readonly maxOutputTokens: number | null;
  readonly capabilities: readonly Capability[];
  readonly tier: Tier;
  /** The day (UTC, `YYYY-MM-DD`) from which the provider refuses it; may lie ahead. `null`: none announced. */
  readonly retiredAt: string | null;
  /** The model of the same provider to use in its place; set whenever `retiredAt` is. */
  readonly successor: string | null;
  /** Ascending by effective date, never empty. */
  readonly prices: readonly Price[];
}

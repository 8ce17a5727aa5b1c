import type { Capability, CatalogueProvider, Tier } from "../../src/costs/catalogue-model.ts";
import { FROM_THE_START } from "./prices.ts";
import type { SourceModel } from "./source.ts";

/**
 * What the price data does not say, or says otherwise than the product promises. Reviewed by hand on 2026-11-22
 * against the providers' pages of models, prices and deprecations, some of them as others report them: check a row
 * there before leaning on it. Patterns are tried in order; the first one counts.
 */

/** Chat models of today, and those that the product was first published with. Everything else is left out. */
export const KEPT = {
  openai:
    /^(?:gpt-3\.5-turbo|gpt-4|gpt-4-turbo|gpt-4\.1(?:-mini|-nano)?|gpt-4o(?:-2024-05-13|-mini)?|gpt-[5-9](?:\.\d+)?(?:-(?:mini|nano|pro|codex|codex-mini|luna|terra|sol|astra))?|o1|o1-pro|o3|o3-mini|o3-pro|o4-mini)$/,
  anthropic: /^claude-(?:3|opus|sonnet|haiku|fable)/,
  gemini: /^gemini-(?:[12]\.\d-(?:pro|flash|flash-lite)|[3-9](?:\.\d+)?-(?:pro|flash|flash-lite)(?:-preview)?)$/,
} as const satisfies Record<CatalogueProvider, RegExp>;

/** Names that other vendors or gateways use, parts of names, and fine-tuned models, which cost something else. */
export const NO_ALIAS =
  /^ft:|^gpt-\d-\d(?:-|$)|^claude.*(?:\.|-20\d\d$)|^claude-\d-(?:\d-)?(?:opus|sonnet|haiku)$|[^a-z0-9]$|[@:/]/;

/** Models that the price data does not have yet. USD per million tokens. */
export const ADDED: readonly SourceModel[] = [
  added("anthropic", "claude-haiku-5-5", [
    [FROM_THE_START, tiered(100_000, [0.1, 0.5], [0.01, 0.05], [0.125, 0.625], [0.5, 2.5], [0.2, 1])],
  ]),
  added("anthropic", "claude-sonnet-5-5", [
    [FROM_THE_START, flat(2, 0.2, 2.5, 10, 4)],
    ["2026-10-07", flat(2, 0.1, 2.5, 10, 4)],
  ]),
  added("openai", "gpt-6.1-sol", [[FROM_THE_START, tiered(272_000, [2, 4], [0.1, 0.2], [2.5, 5], [10, 15])]]),
  added("openai", "gpt-6.1-terra", [[FROM_THE_START, tiered(272_000, [1, 2], [0.05, 0.1], [1.25, 2.5], [5, 7.5])]]),
];

/** Input and output as the product has published them, in USD per million tokens: they hold at any length. */
export const PUBLISHED: Record<string, readonly [input: number, output: number]> = {
  "gpt-4": [30, 60],
  "gpt-4-turbo": [10, 30],
  "gpt-3.5-turbo": [0.5, 1.5],
  "claude-3-opus": [15, 75],
  "claude-3-5-sonnet": [3, 15],
  "claude-3-haiku": [0.25, 1.25],
  "gemini-1.5-pro": [1.25, 5],
  "gemini-1.5-flash": [0.07, 0.3],
};

/** Where the price of output does not tell the tier, but the provider's own naming does. */
export const TIER_OVERRIDES: readonly (readonly [RegExp, Tier])[] = [
  [/^o\d|^gpt-[5-9].*-pro$|-astra$|-fable-/, "reasoning"],
  [/^gpt-6.*-sol$|^gemini-.*-pro/, "large"],
  [/-terra$/, "medium"],
];

/**
 * The day from which the provider refuses a model, and what it names in its place, or the newest of that kind. The
 * successor must be one that stays: when it goes itself, everything that leads to it is reviewed again.
 */
export const RETIREMENTS: Record<string, readonly [retiredAt: string, successor: string]> = {
  "gpt-3.5-turbo": ["2026-10-23", "gpt-6.1-terra"],
  "gpt-4": ["2026-10-23", "gpt-6.1-sol"],
  "gpt-4-turbo": ["2026-10-23", "gpt-6.1-sol"],
  "gpt-4o-2024-05-13": ["2026-10-23", "gpt-6.1-sol"],
  "gpt-4.1-nano": ["2026-10-23", "gpt-6-luna"],
  o1: ["2026-10-23", "gpt-6.1-sol"],
  "o1-pro": ["2026-10-23", "gpt-6.1-sol"],
  "o3-mini": ["2026-10-23", "gpt-6.1-sol"],
  "o4-mini": ["2026-10-23", "gpt-6.1-terra"],
  "gpt-5.1-codex-mini": ["2026-07-23", "gpt-6.1-terra"],
  "gpt-5.3": ["2026-08-10", "gpt-6.1-sol"],
  o3: ["2026-12-11", "gpt-6.1-sol"],
  "o3-pro": ["2026-12-11", "gpt-6.1-sol"],
  "gpt-5": ["2026-12-11", "gpt-6.1-sol"],
  "gpt-5-pro": ["2026-12-11", "gpt-6.1-sol"],
  "gpt-5-mini": ["2026-12-11", "gpt-6.1-terra"],
  "gpt-5-nano": ["2026-12-11", "gpt-6-luna"],
  "gpt-4o": ["2027-01-14", "gpt-6-luna"],
  "gpt-4o-mini": ["2027-01-14", "gpt-6-luna"],
  "gpt-4.1": ["2027-01-14", "gpt-6-luna"],
  "gpt-4.1-mini": ["2027-01-14", "gpt-6-luna"],
  "gpt-5.1": ["2027-04-01", "gpt-6.1-sol"],
  "gpt-5.3-codex": ["2027-04-01", "gpt-6.1-sol"],
  "gpt-5.4-nano": ["2027-04-01", "gpt-6-luna"],
  "claude-3-opus": ["2026-01-05", "claude-opus-5-5"],
  "claude-3-sonnet": ["2025-07-21", "claude-sonnet-5-5"],
  "claude-3-haiku": ["2026-04-20", "claude-haiku-5-5"],
  "claude-3-5-sonnet": ["2025-10-28", "claude-sonnet-5-5"],
  "claude-3-5-haiku": ["2026-02-19", "claude-haiku-5-5"],
  "claude-3-7-sonnet": ["2026-02-19", "claude-sonnet-5-5"],
  "claude-opus-4-0": ["2026-06-15", "claude-opus-5-5"],
  "claude-sonnet-4-0": ["2026-06-15", "claude-sonnet-5-5"],
  "claude-opus-4-1": ["2026-08-05", "claude-opus-5-5"],
  "claude-sonnet-4-5": ["2026-11-30", "claude-sonnet-5-5"],
  "gemini-1.5-pro": ["2025-09-24", "gemini-3.8-flash"],
  "gemini-1.5-flash": ["2025-09-24", "gemini-3.5-flash-lite"],
  "gemini-2.0-flash": ["2026-06-01", "gemini-3.5-flash-lite"],
  "gemini-2.0-flash-lite": ["2026-06-01", "gemini-2.5-flash-lite"],
  "gemini-2.5-pro": ["2026-12-01", "gemini-3.8-flash"],
  "gemini-2.5-flash": ["2026-12-01", "gemini-3.5-flash-lite"],
  "gemini-3-pro-preview": ["2026-03-09", "gemini-3.1-pro-preview"],
};

/** In tokens, where the price data has none. */
export const CONTEXT_WINDOWS: readonly (readonly [RegExp, number])[] = [
  [/^gemini-(?:2\.5|3.*)-pro/, 1_048_576],
  [/^claude-(?:haiku|sonnet)-5-5$/, 1_000_000],
  [/^gpt-6\.1-/, 1_050_000],
];

export const MAX_OUTPUT_TOKENS: readonly (readonly [RegExp, number])[] = [
  [/^gpt-4$/, 8192],
  [/^gpt-3\.5-turbo$|^gpt-4-turbo$|^gpt-4o-2024-05-13$/, 4096],
  [/^gpt-4\.1/, 32_768],
  [/^gpt-4o|^gpt-5\.3$/, 16_384],
  [/^gpt-5-pro$/, 272_000],
  [/^gpt-[5-9]/, 128_000],
  [/^o\d/, 100_000],
  [/^claude-3-(?:opus|sonnet|haiku)$/, 4096],
  [/^claude-3-5-/, 8192],
  [/^claude-opus-4-[01]$/, 32_000],
  [/^claude-3-7-|^claude-sonnet-4-|^claude-(?:opus|haiku)-4-5$/, 64_000],
  [/^claude-(?:opus|sonnet|haiku|fable)-/, 128_000],
  [/^gemini-(?:1\.5|2\.0)-/, 8192],
  [/^gemini-/, 65_536],
];

/** The models that lack a capability; `text` is everybody's and `long_context` follows from the window. */
export const LACKING = {
  vision: /^gpt-(?:3\.5-turbo|4)$|^o3-mini$/,
  tools: /^$/,
  json: /^gpt-4$|^claude-3|^claude-(?:opus|sonnet)-4-0$/,
  reasoning: /^gpt-[34]|^gpt-5\.3$|^claude-3-(?:opus|sonnet|haiku|5-)|^gemini-(?:1\.5|2\.0)-/,
} as const satisfies Partial<Record<Capability, RegExp>>;

type Rates = SourceModel["prices"][number]["prices"];

function added(provider: CatalogueProvider, id: string, prices: readonly (readonly [string, Rates])[]): SourceModel {
  const dated = prices.map(([start_date, rates]) => ({
    constraint: { type: "start_date" as const, start_date },
    prices: rates,
  }));
  return { provider, id, match: { equals: id }, prices: dated };
}

function flat(input: number, read: number, write: number, output: number, write1h: number): Rates {
  return {
    input_mtok: input,
    cache_read_mtok: read,
    cache_write_mtok: write,
    output_mtok: output,
    cache_write_1h_mtok: write1h,
  };
}

/** Each class as [up to the threshold, above it]. */
function tiered(start: number, ...pairs: readonly (readonly [number, number])[]): Rates {
  const keys = ["input_mtok", "cache_read_mtok", "cache_write_mtok", "output_mtok", "cache_write_1h_mtok"];
  return Object.fromEntries(
    pairs.map(([base, price], n) => [keys[n] ?? `class ${n}`, { base, tiers: [{ start, price }] }]),
  );
}

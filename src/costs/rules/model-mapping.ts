import { findModel, successorOf } from "../catalogue.ts";
import type { CatalogueProvider, Tier } from "../catalogue-model.ts";

/**
 * Which model stands in for which. The two rows from OpenAI are the product's published mapping and stay as they were
 * published, although every model in them has been shut down since: workflows were written against them. The others
 * are their inverses, and what follows when Anthropic and Gemini meet in the same OpenAI model. Keyed by catalogue id.
 */
export const MODEL_MAPPING: Record<string, Record<string, Record<string, string>>> = {
  openai: {
    anthropic: {
      "gpt-4": "claude-3-opus-20240229",
      "gpt-4-turbo": "claude-3-5-sonnet-20241022",
      "gpt-3.5-turbo": "claude-3-haiku-20240307",
    },
    gemini: { "gpt-4": "gemini-1.5-pro", "gpt-4-turbo": "gemini-1.5-pro", "gpt-3.5-turbo": "gemini-1.5-flash" },
  },
  anthropic: {
    openai: { "claude-3-opus": "gpt-4", "claude-3-5-sonnet": "gpt-4-turbo", "claude-3-haiku": "gpt-3.5-turbo" },
    gemini: {
      "claude-3-opus": "gemini-1.5-pro",
      "claude-3-5-sonnet": "gemini-1.5-pro",
      "claude-3-haiku": "gemini-1.5-flash",
    },
  },
  // Two models lead to gemini-1.5-pro: the cheaper one is its inverse, so that a fallback does not multiply the bill.
  gemini: {
    openai: { "gemini-1.5-pro": "gpt-4-turbo", "gemini-1.5-flash": "gpt-3.5-turbo" },
    anthropic: {
      "gemini-1.5-pro": "claude-3-5-sonnet-20241022",
      "gemini-1.5-flash": "claude-3-haiku-20240307",
    },
  },
};

/**
 * The model that each provider answers with for a tier, reviewed by hand: prices and names do not tell which of two
 * equals is the better one. Gemini has nothing above its largest.
 */
export const TIER_DEFAULTS = {
  openai: { small: "gpt-6-luna", medium: "gpt-6.1-terra", large: "gpt-6.1-sol", reasoning: "gpt-6-astra" },
  anthropic: {
    small: "claude-haiku-5-5",
    medium: "claude-sonnet-5-5",
    large: "claude-opus-5-5",
    reasoning: "claude-fable-5-1",
  },
  gemini: {
    small: "gemini-3.5-flash-lite",
    medium: "gemini-3.8-flash",
    large: "gemini-3.1-pro-preview",
    reasoning: "gemini-3.1-pro-preview",
  },
} as const satisfies Record<CatalogueProvider, Record<Tier, string>>;

/**
 * The model of another provider that stands in for this one: by the mapping, else the provider's model of the same
 * tier. A result whose retirement has been announced gives way to its successor at once, not on the day it fails.
 * `null` when the model is unknown, or nothing is known about the other provider: the caller must then name one.
 * Within one provider it is the model itself, or its successor.
 */
export function counterpart(from: string, model: string, to: string): string | null {
  if (from === to) return successorOf(to, model) ?? model;
  const known = findModel(from, model);
  if (known === null) return null;
  const target = MODEL_MAPPING[from]?.[to]?.[known.id] ?? tierDefault(to, known.tier);
  return target === null ? null : (successorOf(to, target) ?? target);
}

function tierDefault(provider: string, tier: Tier): string | null {
  switch (provider) {
    case "openai":
    case "anthropic":
    case "gemini":
      return TIER_DEFAULTS[provider][tier];
    default:
      return null;
  }
}

import { CATALOGUE_PROVIDERS, type CatalogueProvider } from "../catalogue-model.ts";

/** How each provider pins a version of a model. What one writes means nothing at another. */
const VERSION = {
  openai: /-\d{4}-\d{2}-\d{2}$/,
  anthropic: /-(?:\d{8}|latest)$/,
  gemini: /-(?:\d{3}|latest|\d{2}-\d{2}|\d{2}-\d{4})$/,
} as const satisfies Record<CatalogueProvider, RegExp>;

/**
 * The names under which a model may stand in the catalogue, most exact first: as written, then without its version.
 * Nothing else is ever cut off: `gpt-4o-audio-preview` is not `gpt-4o` and costs something else. Nor is anything of
 * the names that an `openai-compatible` server gives its models.
 */
export function namesOf(provider: string, model: string): string[] {
  if (!isCatalogueProvider(provider)) return [model];
  // The Gemini API takes both forms, and answers with either.
  const name = provider === "gemini" ? model.replace(/^models\//, "") : model;
  const bare = name.replace(VERSION[provider], "");
  return bare === name ? [name] : [name, bare];
}

/**
 * The name that a price is filed under. `-latest` goes: no answer names its model so, and a price that was set under
 * the name that an agent asks for would never be found.
 */
export function canonicalName(provider: string, model: string): string {
  const [name = model, bare] = namesOf(provider, model);
  return bare !== undefined && name === `${bare}-latest` ? bare : name;
}

/** Whether the catalogue knows models of a provider. */
export function isCatalogueProvider(provider: string): provider is CatalogueProvider {
  return CATALOGUE_PROVIDERS.some((known) => known === provider);
}

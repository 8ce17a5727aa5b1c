import type { CatalogueProvider } from "../catalogue-model.ts";

/** How each provider pins a version of a model. What one writes means nothing at another. */
const VERSION = {
  openai: /-\d{4}-\d{2}-\d{2}$/,
  anthropic: /-(?:\d{8}|latest)$/,
  gemini: /-(?:\d{3}|latest|\d{2}-\d{2}|\d{2}-\d{4})$/,
} as const satisfies Record<CatalogueProvider, RegExp>;

/**
 * The names under which a model may stand in the catalogue, most exact first: as written, then without its version.
 * Nothing else is ever cut off: `gpt-4o-audio-preview` is not `gpt-4o` and costs something else.
 */
export function namesOf(provider: CatalogueProvider, model: string): string[] {
  // The Gemini API takes both forms, and answers with either.
  const name = provider === "gemini" ? model.replace(/^models\//, "") : model;
  const bare = name.replace(VERSION[provider], "");
  return bare === name ? [name] : [name, bare];
}

import { anthropic } from "./anthropic.ts";
import type { ProviderAdapter, ProviderName } from "./contract.ts";
import { gemini } from "./gemini.ts";
import { openAi, openAiCompatible } from "./openai.ts";

const ADAPTERS = {
  openai: openAi,
  anthropic,
  gemini,
  "openai-compatible": openAiCompatible,
} as const satisfies Record<ProviderName, ProviderAdapter>;

/** The adapter that speaks to a provider. */
export function adapterFor(provider: ProviderName): ProviderAdapter {
  return ADAPTERS[provider];
}

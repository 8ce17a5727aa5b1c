import type { ProviderName } from "./contract.ts";

export { settingNameOf } from "./rules/settings.ts";

/** The installation's provider settings, as far as they are set. */
export interface ProviderSettings {
  OPENAI_API_KEY?: string | undefined;
  OPENAI_BASE_URL?: string | undefined;
  ANTHROPIC_API_KEY?: string | undefined;
  ANTHROPIC_BASE_URL?: string | undefined;
  GEMINI_API_KEY?: string | undefined;
  GEMINI_BASE_URL?: string | undefined;
  OPENAI_COMPATIBLE_API_KEY?: string | undefined;
  OPENAI_COMPATIBLE_BASE_URL?: string | undefined;
}

export interface ProviderKey {
  apiKey: string;
  baseUrl: string | null;
}

/**
 * The key and address that the settings hold for a provider, or `null` when it is not configured. An
 * OpenAI-compatible server is configured by its address; its key may be missing (local model servers take none).
 */
export function resolveKey(settings: ProviderSettings, provider: ProviderName): ProviderKey | null {
  switch (provider) {
    case "openai":
      return keyed(settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL);
    case "anthropic":
      return keyed(settings.ANTHROPIC_API_KEY, settings.ANTHROPIC_BASE_URL);
    case "gemini":
      return keyed(settings.GEMINI_API_KEY, settings.GEMINI_BASE_URL);
    case "openai-compatible":
      return settings.OPENAI_COMPATIBLE_BASE_URL === undefined
        ? null
        : { apiKey: settings.OPENAI_COMPATIBLE_API_KEY ?? "", baseUrl: settings.OPENAI_COMPATIBLE_BASE_URL };
  }
}

function keyed(apiKey: string | undefined, baseUrl: string | undefined): ProviderKey | null {
  return apiKey === undefined ? null : { apiKey, baseUrl: baseUrl ?? null };
}

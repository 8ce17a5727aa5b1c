import type { ProviderName } from "../contract.ts";

const KEY_SETTINGS = {
  openai: "OPENAI_API_KEY",
  anthropic: "ANTHROPIC_API_KEY",
  gemini: "GEMINI_API_KEY",
  "openai-compatible": "OPENAI_COMPATIBLE_API_KEY",
} as const satisfies Record<ProviderName, string>;

/** The setting that holds a provider's key for the installation: "Set OPENAI_API_KEY ...". */
export function settingNameOf(provider: ProviderName): (typeof KEY_SETTINGS)[ProviderName] {
  return KEY_SETTINGS[provider];
}

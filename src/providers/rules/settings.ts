import type { ProviderName } from "../contract.ts";

const SWITCHES = {
  openai: "OPENAI_API_KEY",
  anthropic: "ANTHROPIC_API_KEY",
  gemini: "GEMINI_API_KEY",
  "openai-compatible": "OPENAI_COMPATIBLE_BASE_URL",
} as const satisfies Record<ProviderName, string>;

/** The setting that switches a provider on for the installation: "Set OPENAI_API_KEY ...". */
export function settingNameOf(provider: ProviderName): (typeof SWITCHES)[ProviderName] {
  return SWITCHES[provider];
}

import "./meaning.css";

const PROVIDER_NAMES: Record<string, string> = {
  openai: "OpenAI",
  anthropic: "Anthropic",
  gemini: "Gemini",
  "openai-compatible": "OpenAI-compatible",
};

/** A provider's name as people write it. */
export function providerName(provider: string): string {
  return PROVIDER_NAMES[provider] ?? provider;
}

/** A provider. */
export function ProviderChip({ provider }: { provider: string }) {
  return (
    <span className="sw-chip">
      <b>{providerName(provider)}</b>
    </span>
  );
}

/** A model with its provider. */
export function ModelChip({ provider, model }: { provider: string; model: string }) {
  return (
    <span className="sw-chip" title={`${providerName(provider)} ${model}`}>
      <b>{providerName(provider)}</b>
      <span className="sw-mono">{model}</span>
    </span>
  );
}

import type { ErrorKind, ProviderName } from "../contract.ts";
import { settingNameOf } from "./settings.ts";

const LABELS = {
  openai: "OpenAI",
  anthropic: "Anthropic",
  gemini: "Gemini",
  "openai-compatible": "The OpenAI-compatible provider",
} as const satisfies Record<ProviderName, string>;

const MAX_QUOTE_LENGTH = 300;
/** A key is told by any eight of its characters in a row: providers repeat it with its middle masked. */
const KEY_WINDOW = 8;

export interface Circumstances {
  provider: ProviderName;
  model: string;
  httpStatus: number | null;
  /** The provider's own words, already made safe by {@link quotable}. */
  quote: string | null;
}

/** What happened and what to do next, for a person and for the log. */
export function explain(kind: ErrorKind, { provider, model, httpStatus, quote }: Circumstances): string {
  const who = LABELS[provider];
  const status = httpStatus === null ? "" : ` (HTTP ${httpStatus})`;
  const said = quote === null ? "" : ` It says: ${quote}`;
  const sentences = {
    rate_limit: `${who} limits the rate${status}. Wait, or let fewer steps run at once.`,
    quota: `${who} says that the account's quota is used up${status}. Waiting does not help: add credit, raise the limit, or choose another provider.`,
    auth: `${who} refused the key${status}. Check the stored credential or ${settingNameOf(provider)}, and that it may use ${model}.`,
    invalid_request: `${who} did not accept the request for ${model}${status}. Check the agent's settings and the provider's base URL.${said}`,
    context_length: `The input is too long for ${model}${status}. Shorten the prompt or what it draws on, lower maxTokens, or choose a model with a larger context.`,
    content_policy: `${who} declined to answer for reasons of content${status}. Rephrase the prompt, or choose another model.`,
    model_not_found: `${who} has no model ${model} at this address for this key${status}. Check the model's name and the base URL, or choose another model.`,
    overloaded: `${who} is overloaded${status}. Try again shortly, or add a fallback.`,
    server: `${who} failed on its side${status}. Try again, or add a fallback.`,
    timeout: `${who} did not answer in time${status}. Allow more time, ask for fewer tokens, or add a fallback.`,
    network: `${who} could not be reached, or the connection broke${status}. Check the base URL and try again.`,
    malformed: `${who} gave an answer that cannot be used${status}: it is empty, cut off, too long or not in the expected form. Try again; if it stays so, check the base URL and the model.`,
    cancelled: `The call to ${who} was cancelled.`,
  } as const satisfies Record<ErrorKind, string>;
  return sentences[kind];
}

/** For an answer without text whose tokens all went into reasoning. */
export function explainEaten(provider: ProviderName, model: string, maxTokens: number): string {
  return `${LABELS[provider]}'s ${model} used all ${maxTokens} tokens before it wrote any text. Raise the agent's maxTokens.`;
}

/** A provider's words, fit to be shown and stored: one short line, or `null` when they could hold a key. */
export function quotable(text: string, apiKey: string): string | null {
  const line = text.replace(/[\p{C}\s]+/gu, " ").trim();
  if (line === "" || holdsKey(line, apiKey)) return null;
  return line.length > MAX_QUOTE_LENGTH ? `${line.slice(0, MAX_QUOTE_LENGTH)}…` : line;
}

function holdsKey(text: string, apiKey: string): boolean {
  if (/\b(?:sk|pk|rk|key)[-_][\w*-]{6,}|AIza[\w*-]{6,}|\bbearer\s+\S{6,}/i.test(text)) return true;
  const width = Math.min(KEY_WINDOW, apiKey.length);
  if (width === 0) return false;
  for (let start = 0; start + width <= apiKey.length; start += 1) {
    if (text.includes(apiKey.slice(start, start + width))) return true;
  }
  return false;
}

import type { Clock } from "../core/clock.ts";

export const PROVIDERS = ["openai", "anthropic", "gemini", "openai-compatible"] as const;
export type ProviderName = (typeof PROVIDERS)[number];

/**
 * Tokens of one call, in one convention whatever the provider's own: `inputTokens` is the whole input, of which
 * the cached and cache-write tokens are parts; `outputTokens` is the whole output, of which reasoning is a part.
 */
export interface Usage {
  inputTokens: number;
  cachedInputTokens: number;
  /** Written to a cache that lives five minutes, or whose lifetime the provider does not tell. */
  cacheWriteTokens: number;
  /** Written to a cache that lives an hour. */
  cacheWrite1hTokens: number;
  outputTokens: number;
  reasoningTokens: number;
}

/** What an agent asks of a model. */
export interface CompletionRequest {
  model: string;
  system: string | null;
  prompt: string;
  /** 0 to 2. Narrowed, or left out, where a provider or model takes less: see `rules/sampling.ts`. */
  temperature: number;
  /** The most output tokens, reasoning among them. */
  maxTokens: number;
  topP: number | null;
  stopSequences: readonly string[];
}

export type FinishReason = "stop" | "length" | "content_filter" | "other";

/** A model's answer. `model` is the one that the provider says answered: costs are counted by it. */
export interface Completion {
  text: string;
  model: string;
  finishReason: FinishReason;
  /** `null` when the provider did not say what it counted: not the same as nothing. */
  usage: Usage | null;
  latencyMs: number;
}

export interface CallOptions {
  /** May be empty for `openai-compatible` only: then no Authorization header is sent. */
  apiKey: string;
  /** `null` is the provider's own address. With `/v1` for the OpenAI dialects, without a version for the others. */
  baseUrl: string | null;
  /** Aborting it ends the call with `cancelled`. */
  signal: AbortSignal;
  /** From the start of the call to the last byte of the answer. */
  timeoutMs: number;
  clock: Clock;
}

/** Every way in which a call fails, told apart once and for all providers. */
export const ERROR_KINDS = [
  "rate_limit",
  "quota",
  "auth",
  "invalid_request",
  "context_length",
  "content_policy",
  "model_not_found",
  "overloaded",
  "server",
  "timeout",
  "network",
  "malformed",
  "cancelled",
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

export interface ProviderErrorFacts {
  httpStatus: number | null;
  retryAfterMs: number | null;
  usage: Usage | null;
  model: string | null;
  latencyMs: number;
}

/**
 * A call that gave no usable answer. The message may be shown and stored: it holds neither the key nor any
 * provider text that could repeat it. `usage` is set when the provider counted tokens all the same.
 */
export class ProviderError extends Error {
  readonly kind: ErrorKind;
  readonly httpStatus: number | null;
  /** How long the provider asks to be left alone, in milliseconds. */
  readonly retryAfterMs: number | null;
  readonly usage: Usage | null;
  readonly model: string | null;
  readonly latencyMs: number;

  constructor(kind: ErrorKind, message: string, facts: ProviderErrorFacts, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.httpStatus = facts.httpStatus;
    this.retryAfterMs = facts.retryAfterMs;
    this.usage = facts.usage;
    this.model = facts.model;
    this.latencyMs = facts.latencyMs;
  }
}

/** One provider. `complete` sends exactly one request and throws nothing but {@link ProviderError}. */
export interface ProviderAdapter {
  readonly name: ProviderName;
  complete(request: CompletionRequest, options: CallOptions): Promise<Completion>;
}

import type { Usage } from "../../../src/providers/index.ts";
import { type BadAnswer, type Refusal, TEXT } from "./wire.ts";

/** A usage block with all the classes that the dialect knows. */
export const WIRE_USAGE = {
  prompt_tokens: 1_200,
  completion_tokens: 300,
  total_tokens: 1_500,
  prompt_tokens_details: { cached_tokens: 800, cache_write_tokens: 100, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 120, accepted_prediction_tokens: 0 },
};

export const USAGE: Usage = {
  inputTokens: 1_200,
  cachedInputTokens: 800,
  cacheWriteTokens: 100,
  cacheWrite1hTokens: 0,
  outputTokens: 300,
  reasoningTokens: 120,
};

export function answer(model: string, message: Record<string, unknown>, finish: string, usage?: unknown): string {
  return JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1_795_000_000,
    model,
    choices: [{ index: 0, message: { role: "assistant", refusal: null, ...message }, finish_reason: finish }],
    ...(usage === undefined ? {} : { usage }),
  });
}

export function errorBody(error: Record<string, unknown>): string {
  return JSON.stringify({ error: { param: null, ...error } });
}

export function badAnswers(model: string): readonly BadAnswer[] {
  return [
    {
      name: "an empty text",
      body: answer(model, { content: "" }, "stop", WIRE_USAGE),
      kind: "malformed",
      usage: USAGE,
    },
    {
      name: "reasoning that ate all tokens",
      body: answer(model, { content: null }, "length", WIRE_USAGE),
      kind: "invalid_request",
      usage: USAGE,
      message: /Raise the agent's maxTokens/,
    },
    {
      name: "a refusal",
      body: answer(model, { content: null, refusal: "I will not." }, "stop", WIRE_USAGE),
      kind: "content_policy",
      usage: USAGE,
    },
    {
      name: "a text that the filter cut",
      body: answer(model, { content: TEXT }, "content_filter", WIRE_USAGE),
      kind: "content_policy",
      usage: USAGE,
    },
    {
      name: "no choices",
      body: JSON.stringify({ model, choices: [], usage: WIRE_USAGE }),
      kind: "malformed",
      usage: USAGE,
    },
  ];
}

export const REFUSALS: readonly Refusal[] = [
  {
    name: "an account without credit",
    status: 429,
    body: errorBody({
      message: "You exceeded your current quota.",
      type: "insufficient_quota",
      code: "insufficient_quota",
    }),
    kind: "quota",
  },
  {
    name: "too many requests",
    status: 429,
    body: errorBody({ message: "Rate limit reached.", type: "requests", code: "rate_limit_exceeded" }),
    headers: { "retry-after-ms": "640", "retry-after": "1" },
    kind: "rate_limit",
    retryAfterMs: 640,
  },
  {
    name: "a wrong key",
    status: 401,
    body: errorBody({ message: "Incorrect API key provided.", type: "invalid_request_error", code: "invalid_api_key" }),
    kind: "auth",
  },
  {
    name: "an input that is too long",
    status: 400,
    body: errorBody({
      message: "This model's maximum context length is 128000 tokens.",
      type: "invalid_request_error",
      code: "context_length_exceeded",
      param: "messages",
    }),
    kind: "context_length",
  },
  {
    name: "a prompt against the policy",
    status: 400,
    body: errorBody({ message: "Blocked.", type: "invalid_request_error", code: "content_policy_violation" }),
    kind: "content_policy",
  },
  {
    name: "an unknown model",
    status: 404,
    body: errorBody({ message: "No such model.", type: "invalid_request_error", code: "model_not_found" }),
    kind: "model_not_found",
  },
  {
    name: "a model that the project may not use",
    status: 403,
    body: errorBody({ message: "No access.", type: "invalid_request_error", code: "model_not_found" }),
    kind: "model_not_found",
  },
  {
    name: "a field that does not fit",
    status: 400,
    body: errorBody({ message: "Unsupported value.", type: "invalid_request_error", param: "temperature" }),
    kind: "invalid_request",
  },
];

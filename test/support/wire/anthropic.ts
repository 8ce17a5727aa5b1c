import type { Usage } from "../../../src/providers/index.ts";
import { TEXT, type WireTable } from "./wire.ts";

const MODEL = "claude-haiku-4-5";
const ANSWERING = "claude-haiku-4-5-20251001";

/** 200 uncached, 700 read, 300 written (100 of them for an hour): 1,200 in all. */
const WIRE_USAGE = {
  input_tokens: 200,
  cache_read_input_tokens: 700,
  cache_creation_input_tokens: 300,
  cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 100 },
  output_tokens: 300,
  output_tokens_details: { thinking_tokens: 120 },
  service_tier: "standard",
};

const USAGE: Usage = {
  inputTokens: 1_200,
  cachedInputTokens: 700,
  cacheWriteTokens: 200,
  cacheWrite1hTokens: 100,
  outputTokens: 300,
  reasoningTokens: 120,
};

const THINKING = { type: "thinking", thinking: "They want a greeting.", signature: "c2lnbmVk" };

function answer(content: readonly unknown[], stopReason: string, usage: unknown = WIRE_USAGE): string {
  return JSON.stringify({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: ANSWERING,
    content,
    stop_reason: stopReason,
    stop_sequence: null,
    ...(usage === null ? {} : { usage }),
  });
}

function errorBody(type: string, message: string): string {
  return JSON.stringify({ type: "error", error: { type, message }, request_id: "req_1" });
}

const text = { type: "text", text: TEXT };

export const anthropicWire: WireTable = {
  provider: "anthropic",
  model: MODEL,
  baseUrl: "https://anthropic.test",
  url: "https://anthropic.test/v1/messages",
  keyHeader: { name: "Authorization", value: (key) => `Bearer ${key}` },
  requestBody: {
    model: MODEL,
    max_tokens: 500,
    messages: [{ role: "user", content: "Say hello." }],
    system: "Be brief.",
    stop_sequences: ["END"],
    top_p: 0.9,
  },
  success: { body: answer([THINKING, text], "end_turn"), model: ANSWERING, usage: USAGE },
  successWithoutUsage: answer([text], "stop_sequence", null),
  cutByLength: answer([text], "max_tokens"),
  badAnswers: [
    { name: "no content", body: answer([], "end_turn"), kind: "malformed", usage: USAGE },
    {
      name: "reasoning that ate all tokens",
      body: answer([THINKING], "max_tokens"),
      kind: "invalid_request",
      usage: USAGE,
      message: /Raise the agent's maxTokens/,
    },
    { name: "a refusal", body: answer([text], "refusal"), kind: "content_policy", usage: USAGE },
    {
      name: "an error under status 200",
      body: errorBody("overloaded_error", "Overloaded"),
      kind: "overloaded",
      usage: null,
    },
  ],
  refusals: [
    { name: "overload", status: 529, body: errorBody("overloaded_error", "Overloaded"), kind: "overloaded" },
    {
      name: "too many requests",
      status: 429,
      body: errorBody("rate_limit_error", "Too many tokens a minute."),
      headers: { "retry-after": "12" },
      kind: "rate_limit",
      retryAfterMs: 12_000,
    },
    {
      name: "an account without credit",
      status: 400,
      body: errorBody("invalid_request_error", "Your credit balance is too low to access the API."),
      kind: "quota",
    },
    { name: "a wrong key", status: 401, body: errorBody("authentication_error", "invalid x-api-key"), kind: "auth" },
    { name: "a key without rights", status: 403, body: errorBody("permission_error", "Not allowed."), kind: "auth" },
    {
      name: "an input that is too long",
      status: 400,
      body: errorBody("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
      kind: "context_length",
    },
    {
      name: "an input that leaves no room",
      status: 400,
      body: errorBody("invalid_request_error", "input length and `max_tokens` exceed context limit: 190000 + 20000"),
      kind: "context_length",
    },
    {
      name: "a body that is too large",
      status: 413,
      body: errorBody("request_too_large", "Request exceeds the maximum size"),
      kind: "context_length",
    },
    {
      name: "an output that the filter stopped",
      status: 400,
      body: errorBody("invalid_request_error", "Output blocked by content filtering policy"),
      kind: "content_policy",
    },
    {
      name: "an unknown model",
      status: 404,
      body: errorBody("not_found_error", "model: claude-nine"),
      kind: "model_not_found",
    },
    { name: "a fault of its own", status: 500, body: errorBody("api_error", "Internal error"), kind: "server" },
    {
      name: "a field that does not fit",
      status: 400,
      body: errorBody("invalid_request_error", "temperature: range 0..1"),
      kind: "invalid_request",
    },
  ],
};

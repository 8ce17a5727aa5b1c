import type { Usage } from "../../../src/providers/index.ts";
import { TEXT, type WireTable } from "./wire.ts";

const MODEL = "gemini-2.5-flash";
const ANSWERING = "gemini-2.5-flash-001";

/** 180 tokens of text and 120 of thoughts: 300 in all. */
const WIRE_USAGE = {
  promptTokenCount: 1_200,
  cachedContentTokenCount: 800,
  candidatesTokenCount: 180,
  thoughtsTokenCount: 120,
  totalTokenCount: 1_500,
};

const USAGE: Usage = {
  inputTokens: 1_200,
  cachedInputTokens: 800,
  cacheWriteTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 300,
  reasoningTokens: 120,
};

function answer(parts: readonly unknown[] | null, finishReason: string, usage: unknown = WIRE_USAGE): string {
  const content = parts === null ? {} : { content: { role: "model", parts } };
  return JSON.stringify({
    candidates: [{ ...content, finishReason, index: 0 }],
    modelVersion: ANSWERING,
    responseId: "r1",
    ...(usage === null ? {} : { usageMetadata: usage }),
  });
}

function errorBody(code: number, status: string, message: string, details: readonly unknown[] = []): string {
  return JSON.stringify({ error: { code, message, status, details } });
}

const THOUGHT = { text: "They want a greeting.", thought: true };
const text = { text: TEXT };
const RETRY_INFO = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "12.5s" };

function quotaFailure(quotaId: string) {
  return { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [{ quotaId }] };
}

export const geminiWire: WireTable = {
  provider: "gemini",
  model: MODEL,
  baseUrl: "https://gemini.test",
  url: `https://gemini.test/v1beta/models/${MODEL}:generateContent`,
  keyHeader: { name: "X-Goog-Api-Key", value: (key) => key },
  requestBody: {
    contents: [{ role: "user", parts: [{ text: "Say hello." }] }],
    systemInstruction: { role: "user", parts: [{ text: "Be brief." }] },
    generationConfig: { temperature: 0.5, topP: 0.9, maxOutputTokens: 500, stopSequences: ["END"] },
  },
  success: { body: answer([THOUGHT, text], "STOP"), model: ANSWERING, usage: USAGE },
  successWithoutUsage: answer([text], "STOP", null),
  cutByLength: answer([text], "MAX_TOKENS"),
  badAnswers: [
    { name: "no parts", body: answer([], "STOP"), kind: "malformed", usage: USAGE },
    {
      name: "reasoning that ate all tokens",
      body: answer(null, "MAX_TOKENS", { promptTokenCount: 20, thoughtsTokenCount: 500 }),
      kind: "invalid_request",
      usage: {
        inputTokens: 20,
        cachedInputTokens: 0,
        cacheWriteTokens: 0,
        cacheWrite1hTokens: 0,
        outputTokens: 500,
        reasoningTokens: 500,
      },
      message: /Raise the agent's maxTokens/,
    },
    { name: "a text that the filter cut", body: answer([text], "SAFETY"), kind: "content_policy", usage: USAGE },
    { name: "a recitation", body: answer(null, "RECITATION"), kind: "content_policy", usage: USAGE },
    {
      name: "a blocked prompt",
      body: JSON.stringify({
        promptFeedback: { blockReason: "PROHIBITED_CONTENT" },
        usageMetadata: { promptTokenCount: 40, totalTokenCount: 40 },
        modelVersion: ANSWERING,
      }),
      kind: "content_policy",
      usage: {
        inputTokens: 40,
        cachedInputTokens: 0,
        cacheWriteTokens: 0,
        cacheWrite1hTokens: 0,
        outputTokens: 0,
        reasoningTokens: 0,
      },
    },
  ],
  refusals: [
    {
      name: "a minute's limit, with RetryInfo",
      status: 429,
      body: errorBody(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan.", [
        quotaFailure("GenerateRequestsPerMinutePerProjectPerModel"),
        RETRY_INFO,
      ]),
      kind: "rate_limit",
      retryAfterMs: 12_500,
    },
    {
      name: "a day's limit",
      status: 429,
      body: errorBody(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan.", [
        quotaFailure("GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
        RETRY_INFO,
      ]),
      kind: "quota",
      retryAfterMs: 12_500,
    },
    {
      name: "a wrong key",
      status: 400,
      body: errorBody(400, "INVALID_ARGUMENT", "API key not valid.", [
        { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" },
      ]),
      kind: "auth",
    },
    {
      name: "a key without rights",
      status: 403,
      body: errorBody(403, "PERMISSION_DENIED", "Not allowed."),
      kind: "auth",
    },
    {
      name: "an input that is too long",
      status: 400,
      body: errorBody(
        400,
        "INVALID_ARGUMENT",
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
      ),
      kind: "context_length",
    },
    {
      name: "an unknown model",
      status: 404,
      body: errorBody(404, "NOT_FOUND", "models/gemini-9 is not found"),
      kind: "model_not_found",
    },
    {
      name: "overload",
      status: 503,
      body: errorBody(503, "UNAVAILABLE", "The model is overloaded."),
      kind: "overloaded",
    },
    { name: "a fault of its own", status: 500, body: errorBody(500, "INTERNAL", "Internal error."), kind: "server" },
    { name: "its own deadline", status: 504, body: errorBody(504, "DEADLINE_EXCEEDED", "Too slow."), kind: "timeout" },
    {
      name: "an error inside an array",
      status: 400,
      body: `[${errorBody(400, "INVALID_ARGUMENT", "API key expired.", [{ reason: "API_KEY_EXPIRED" }])}]`,
      kind: "auth",
    },
    {
      name: "a field that does not fit",
      status: 400,
      body: errorBody(400, "INVALID_ARGUMENT", "Unknown name."),
      kind: "invalid_request",
    },
  ],
};

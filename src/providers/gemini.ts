import { GoogleGenAI } from "@google/genai/web";
import { z } from "zod";
import { call, type Dialect, type Target } from "./call.ts";
import type { CompletionRequest, FinishReason, ProviderAdapter, Usage } from "./contract.ts";
import type { Reading } from "./rules/judge.ts";
import { count, normalised, optionalCount } from "./rules/usage.ts";

/** Thoughts come as parts of their own, marked so, and are no part of the answer's text. */
const partSchema = z
  .object({ text: z.string(), thought: z.boolean().optional().catch(undefined) })
  .transform((part) => (part.thought === true ? "" : part.text));

const answerSchema = z.object({
  modelVersion: z.string().min(1).nullable().catch(null),
  candidates: z
    .array(
      z.object({
        finishReason: z.string().catch("OTHER"),
        content: z
          .object({ parts: z.array(z.union([partSchema, z.unknown().transform(() => "")])).catch([]) })
          .catch({ parts: [] }),
      }),
    )
    .catch([]),
  promptFeedback: z.object({ blockReason: z.string().catch("") }).catch({ blockReason: "" }),
  usageMetadata: z.unknown().optional(),
});

/** Google leaves out counts that are zero: a blocked answer has no candidatesTokenCount. */
const usageSchema = z.object({
  promptTokenCount: count,
  toolUsePromptTokenCount: optionalCount,
  cachedContentTokenCount: optionalCount,
  candidatesTokenCount: optionalCount,
  thoughtsTokenCount: optionalCount,
});

const FINISH = new Map<string, FinishReason>([
  ["STOP", "stop"],
  ["MAX_TOKENS", "length"],
  ["SAFETY", "content_filter"],
  ["RECITATION", "content_filter"],
  ["BLOCKLIST", "content_filter"],
  ["PROHIBITED_CONTENT", "content_filter"],
  ["SPII", "content_filter"],
]);

const dialect: Dialect = {
  name: "gemini",
  defaultBaseUrl: "https://generativelanguage.googleapis.com",
  keyIsOptional: false,
  send: (request, target) =>
    clientFor(target).models.generateContent({
      model: request.model,
      contents: [{ role: "user", parts: [{ text: request.prompt }] }],
      config: configOf(request),
    }),
  read: readContent,
};

/** Google's Gemini API (not Vertex). */
export const gemini: ProviderAdapter = {
  name: dialect.name,
  complete: (request, options) => call(dialect, request, options),
};

/** The web build: the other one brings Google's authentication library. Without `retryOptions` it makes one attempt. */
function clientFor({ apiKey, baseUrl, fetch }: Target): GoogleGenAI {
  return new GoogleGenAI({ apiKey, vertexai: false, httpOptions: { baseUrl, apiVersion: "v1beta", fetch } });
}

function configOf(request: CompletionRequest) {
  return {
    temperature: request.temperature,
    maxOutputTokens: request.maxTokens,
    ...(request.topP === null ? {} : { topP: request.topP }),
    ...(request.system === null ? {} : { systemInstruction: request.system }),
    ...(request.stopSequences.length === 0 ? {} : { stopSequences: [...request.stopSequences] }),
  };
}

function readContent(answer: unknown): Reading | null {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) return null;
  const { modelVersion, candidates, promptFeedback, usageMetadata } = parsed.data;
  const candidate = candidates[0];
  return {
    text: candidate?.content.parts.join("") ?? "",
    model: modelVersion,
    finishReason: FINISH.get(candidate?.finishReason ?? "") ?? "other",
    refused: promptFeedback.blockReason !== "",
    usage: usageOf(usageMetadata),
  };
}

/** `thoughtsTokenCount` stands beside the candidates' count: the total has both. */
function usageOf(value: unknown): Usage | null {
  const parsed = usageSchema.safeParse(value);
  if (!parsed.success) return null;
  const { promptTokenCount, toolUsePromptTokenCount, candidatesTokenCount, thoughtsTokenCount } = parsed.data;
  return normalised({
    inputTokens: promptTokenCount + toolUsePromptTokenCount,
    cachedInputTokens: parsed.data.cachedContentTokenCount,
    cacheWriteTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: candidatesTokenCount + thoughtsTokenCount,
    reasoningTokens: thoughtsTokenCount,
  });
}

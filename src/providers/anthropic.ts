import { BaseAnthropic } from "@anthropic-ai/sdk";
import { Messages } from "@anthropic-ai/sdk/resources/messages";
import { z } from "zod";
import { call, type Dialect, type Target } from "./call.ts";
import type { FinishReason, ProviderAdapter, Usage } from "./contract.ts";
import type { Reading } from "./rules/judge.ts";
import { anthropicSampling } from "./rules/sampling.ts";
import { count, normalised, optionalCount } from "./rules/usage.ts";

const textSchema = z.object({ type: z.literal("text"), text: z.string() }).transform((block) => block.text);

const answerSchema = z.object({
  model: z.string().min(1).nullable().catch(null),
  /** Blocks of thinking and the like are no part of the answer's text. */
  content: z.array(z.union([textSchema, z.unknown().transform(() => "")])).catch([]),
  stop_reason: z.string().catch("other"),
  usage: z.unknown().optional(),
});

const usageSchema = z.object({
  input_tokens: count,
  output_tokens: count,
  cache_read_input_tokens: optionalCount,
  cache_creation_input_tokens: optionalCount,
  cache_creation: z.object({ ephemeral_1h_input_tokens: optionalCount }).catch({ ephemeral_1h_input_tokens: 0 }),
  output_tokens_details: z.object({ thinking_tokens: optionalCount }).catch({ thinking_tokens: 0 }),
});

const FINISH = new Map<string, FinishReason>([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["refusal", "content_filter"],
]);

const dialect: Dialect = {
  name: "anthropic",
  defaultBaseUrl: "https://api.anthropic.com",
  keyIsOptional: false,
  send: (request, target) => {
    const body = {
      model: request.model,
      max_tokens: request.maxTokens,
      messages: [{ role: "user" as const, content: request.prompt }],
      ...(request.system === null ? {} : { system: request.system }),
      ...(request.stopSequences.length === 0 ? {} : { stop_sequences: [...request.stopSequences] }),
      ...anthropicSampling(request.model, request.temperature, request.topP),
    };
    // A timeout of ours also keeps the SDK from refusing large max_tokens without streaming.
    return new Messages(clientFor(target)).create(body, { timeout: target.sdkTimeoutMs });
  },
  read: readMessage,
};

/** Anthropic's Messages API. */
export const anthropic: ProviderAdapter = {
  name: dialect.name,
  complete: (request, options) => call(dialect, request, options),
};

/** The bare client: the full one brings 60 KB (gzip) of other resources. What it would take from the environment is named. */
function clientFor({ apiKey, baseUrl, fetch }: Target): BaseAnthropic {
  return new BaseAnthropic({
    apiKey,
    authToken: null,
    webhookKey: null,
    baseURL: baseUrl,
    maxRetries: 0,
    logLevel: "off",
    openTelemetry: false,
    fetch,
  });
}

function readMessage(answer: unknown): Reading | null {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) return null;
  const { model, content, stop_reason, usage } = parsed.data;
  return {
    text: content.join(""),
    model,
    finishReason: FINISH.get(stop_reason) ?? "other",
    refused: stop_reason === "refusal",
    usage: usageOf(usage),
  };
}

/** `input_tokens` leaves out what was read from and written to the cache: the total has all three. */
function usageOf(value: unknown): Usage | null {
  const parsed = usageSchema.safeParse(value);
  if (!parsed.success) return null;
  const { input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens } = parsed.data;
  const oneHour = Math.min(parsed.data.cache_creation.ephemeral_1h_input_tokens, cache_creation_input_tokens);
  return normalised({
    inputTokens: input_tokens + cache_read_input_tokens + cache_creation_input_tokens,
    cachedInputTokens: cache_read_input_tokens,
    cacheWriteTokens: cache_creation_input_tokens - oneHour,
    cacheWrite1hTokens: oneHour,
    outputTokens: output_tokens,
    reasoningTokens: parsed.data.output_tokens_details.thinking_tokens,
  });
}

import OpenAI from "openai";
import { call, type Dialect, type Target } from "./call.ts";
import { readChatCompletion } from "./chat-completions.ts";
import type { CompletionRequest, ProviderAdapter } from "./contract.ts";
import { cutAtStop, isOpenAiReasoningModel } from "./rules/sampling.ts";

const openAiDialect: Dialect = {
  name: "openai",
  defaultBaseUrl: "https://api.openai.com/v1",
  keyIsOptional: false,
  send: (request, target) => {
    const isReasoning = isOpenAiReasoningModel(request.model);
    return clientFor(target).chat.completions.create({
      model: request.model,
      messages: messagesOf(request, isReasoning ? "developer" : "system"),
      max_completion_tokens: request.maxTokens,
      ...(isReasoning ? {} : samplingOf(request)),
    });
  },
  read: (answer, request) => {
    const reading = readChatCompletion(answer);
    if (reading === null || !isOpenAiReasoningModel(request.model)) return reading;
    return { ...reading, text: cutAtStop(reading.text, request.stopSequences) };
  },
};

const compatibleDialect: Dialect = {
  name: "openai-compatible",
  defaultBaseUrl: null,
  keyIsOptional: true,
  send: (request, target) =>
    clientFor(target).chat.completions.create({
      model: request.model,
      messages: messagesOf(request, "system"),
      // The older name: most servers that imitate the dialect know no other.
      max_tokens: request.maxTokens,
      ...samplingOf(request),
    }),
  read: readChatCompletion,
};

/** OpenAI itself, through chat completions. */
export const openAi: ProviderAdapter = {
  name: openAiDialect.name,
  complete: (request, options) => call(openAiDialect, request, options),
};

/** Any server that speaks OpenAI's chat completions, at the given base URL. */
export const openAiCompatible: ProviderAdapter = {
  name: compatibleDialect.name,
  complete: (request, options) => call(compatibleDialect, request, options),
};

/**
 * Everything that the SDK would otherwise take from the environment is named: a workspace's own key must not go to
 * the installation's base URL, nor bear its organization.
 */
function clientFor({ apiKey, baseUrl, fetch, sdkTimeoutMs }: Target): OpenAI {
  return new OpenAI({
    apiKey: apiKey === "" ? "none" : apiKey,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL: baseUrl,
    maxRetries: 0,
    timeout: sdkTimeoutMs,
    logLevel: "off",
    fetch,
    ...(apiKey === "" ? { defaultHeaders: { Authorization: null } } : {}),
  });
}

function messagesOf(request: CompletionRequest, role: "developer" | "system") {
  const user = { role: "user", content: request.prompt } as const;
  return request.system === null ? [user] : [{ role, content: request.system }, user];
}

function samplingOf({ temperature, topP, stopSequences }: CompletionRequest) {
  return {
    temperature,
    ...(topP === null ? {} : { top_p: topP }),
    ...(stopSequences.length === 0 ? {} : { stop: [...stopSequences] }),
  };
}

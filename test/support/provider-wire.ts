import type { IncomingMessage } from "node:http";
import { z } from "zod";
import type { Behaviour } from "./provider-server.ts";

/** Token counts as the engine bills them: each token in exactly one class. Missing classes are 0. */
export interface Usage {
  /** Input that was neither read from nor written to a cache. */
  input?: number;
  cachedInput?: number;
  /** Anthropic only. */
  cacheWrite?: number;
  /** Visible output, without reasoning. */
  output?: number;
  reasoning?: number;
}

/** One call as it came over the wire. */
export interface WireCall {
  provider: "openai" | "anthropic" | "gemini";
  model: string;
  system: string;
  prompt: string;
  body: unknown;
  headers: IncomingMessage["headers"];
  /** Epoch ms. */
  at: number;
}

const part = z.union([z.string().transform((text) => ({ text })), z.looseObject({ text: z.string().optional() })]);
const content = z.union([
  z.string(),
  z.array(part).transform((parts) => parts.map(({ text }) => text ?? "").join("\n")),
]);
const messages = z.array(z.looseObject({ role: z.string(), content }));
const openaiBody = z.looseObject({ model: z.string(), messages });
const responsesBody = z.looseObject({
  model: z.string(),
  instructions: z.string().nullish(),
  input: z.union([z.string().transform((text) => [{ role: "user", content: text }]), messages]),
});
const anthropicBody = z.looseObject({ model: z.string(), system: content.optional(), messages });
const geminiContent = z.looseObject({
  parts: z.array(part).transform((parts) => parts.map(({ text }) => text ?? "").join("\n")),
});
const geminiBody = z.looseObject({ systemInstruction: geminiContent.optional(), contents: z.array(geminiContent) });

/** Reads a request by its path, and answers undefined for one that no provider serves. */
export async function readCall(request: IncomingMessage): Promise<WireCall | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString();
  const body: unknown = text === "" ? {} : JSON.parse(text);
  const common = { body, headers: request.headers, at: Date.now() };
  const path = (request.url ?? "").split("?")[0] ?? "";

  if (path.endsWith("/chat/completions")) {
    const read = openaiBody.parse(body);
    return { ...common, provider: "openai", model: read.model, ...split(read.messages) };
  }
  if (path.endsWith("/responses")) {
    const read = responsesBody.parse(body);
    const { system, prompt } = split(read.input);
    return { ...common, provider: "openai", model: read.model, system: read.instructions ?? system, prompt };
  }
  if (path.endsWith("/v1/messages")) {
    const read = anthropicBody.parse(body);
    return { ...common, provider: "anthropic", model: read.model, ...split(read.messages), system: read.system ?? "" };
  }
  const gemini = /\/models\/([^:/]+):generateContent$/.exec(path);
  if (gemini?.[1] !== undefined) {
    const read = geminiBody.parse(body);
    const prompt = read.contents.map((item) => item.parts).join("\n");
    return { ...common, provider: "gemini", model: gemini[1], system: read.systemInstruction?.parts ?? "", prompt };
  }
  return undefined;
}

function split(list: z.infer<typeof messages>): { system: string; prompt: string } {
  const of = (wanted: (role: string) => boolean) =>
    list
      .filter((message) => wanted(message.role))
      .map((message) => message.content)
      .join("\n");
  const isSystem = (role: string) => role === "system" || role === "developer";
  return { system: of(isSystem), prompt: of((role) => !isSystem(role)) };
}

/** A success in the provider's own words, with usage in the provider's own sums. */
export function answerBody(call: WireCall, behaviour: Behaviour): unknown {
  const {
    input = 0,
    cachedInput = 0,
    cacheWrite = 0,
    output = 0,
    reasoning = 0,
  } = behaviour.usage ?? { input: 100, output: 20 };
  const model = behaviour.model ?? call.model;
  const chosen = typeof behaviour.text === "function" ? behaviour.text(call) : behaviour.text;
  const text = chosen ?? `reply to: ${call.prompt.slice(0, 80)}`;
  switch (call.provider) {
    case "openai":
      // prompt_tokens holds the cached ones and completion_tokens the reasoning.
      return {
        id: "chatcmpl-test",
        object: "chat.completion",
        created: Math.floor(call.at / 1000),
        model,
        choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: text, refusal: null } }],
        usage: {
          prompt_tokens: input + cachedInput,
          completion_tokens: output + reasoning,
          total_tokens: input + cachedInput + output + reasoning,
          prompt_tokens_details: { cached_tokens: cachedInput },
          completion_tokens_details: { reasoning_tokens: reasoning },
        },
      };
    case "anthropic":
      // input_tokens leaves cache reads and writes out; output_tokens holds the thinking.
      return {
        id: "msg_test",
        type: "message",
        role: "assistant",
        model,
        content: [{ type: "text", text }],
        stop_reason: "end_turn",
        stop_sequence: null,
        usage: {
          input_tokens: input,
          cache_read_input_tokens: cachedInput,
          cache_creation_input_tokens: cacheWrite,
          output_tokens: output + reasoning,
        },
      };
    case "gemini":
      // promptTokenCount holds the cached ones; thoughts stand beside the candidates.
      return {
        candidates: [{ index: 0, finishReason: "STOP", content: { role: "model", parts: [{ text }] } }],
        modelVersion: model,
        usageMetadata: {
          promptTokenCount: input + cachedInput,
          cachedContentTokenCount: cachedInput,
          candidatesTokenCount: output,
          thoughtsTokenCount: reasoning,
          totalTokenCount: input + cachedInput + output + reasoning,
        },
      };
  }
}

/** A failure in the provider's own envelope. */
export function errorBody(call: WireCall, behaviour: Behaviour): unknown {
  const status = behaviour.status ?? 500;
  const message = behaviour.message ?? `The stand-in was told to answer ${status}`;
  switch (call.provider) {
    case "openai":
      return { error: { message, type: behaviour.errorType ?? "server_error", code: behaviour.errorType ?? null } };
    case "anthropic":
      return { type: "error", error: { type: behaviour.errorType ?? "api_error", message } };
    case "gemini":
      return { error: { code: status, message, status: behaviour.errorType ?? "INTERNAL" } };
  }
}

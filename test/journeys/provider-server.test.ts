import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ProviderServer, startProviderServer } from "../support/provider-server.ts";

let server: ProviderServer;
beforeAll(async () => {
  server = await startProviderServer();
});
beforeEach(() => server.reset());
afterAll(() => server?.stop());

const openai = (timeout = 5_000) =>
  new OpenAI({ apiKey: "key", baseURL: server.vars.OPENAI_BASE_URL ?? "", maxRetries: 0, timeout });
const anthropic = () => new Anthropic({ apiKey: "key", baseURL: server.url, maxRetries: 0 });
const gemini = () => new GoogleGenAI({ apiKey: "key", httpOptions: { baseUrl: server.url, apiVersion: "v1beta" } });

const messages = [{ role: "user" as const, content: "Hello there" }];
const usage = { input: 70, cachedInput: 30, output: 8, reasoning: 4 };

test("each provider's own client reads the answer, and usage in that provider's sums", async () => {
  server.on({}, { text: "Hi", usage, model: "the-model-that-answered" });

  const fromOpenai = await openai().chat.completions.create({ model: "a", messages });
  expect(fromOpenai.choices[0]?.message.content).toBe("Hi");
  expect(fromOpenai.usage).toMatchObject({
    prompt_tokens: 100,
    prompt_tokens_details: { cached_tokens: 30 },
    completion_tokens: 12,
    completion_tokens_details: { reasoning_tokens: 4 },
  });
  expect(fromOpenai.model).toBe("the-model-that-answered");

  const fromAnthropic = await anthropic().messages.create({ model: "b", max_tokens: 9, system: "Be kind", messages });
  expect(fromAnthropic.content).toMatchObject([{ type: "text", text: "Hi" }]);
  expect(fromAnthropic.usage).toMatchObject({ input_tokens: 70, cache_read_input_tokens: 30, output_tokens: 12 });

  const fromGemini = await gemini().models.generateContent({
    model: "c",
    contents: "Hello there",
    config: { systemInstruction: "Be kind" },
  });
  expect(fromGemini.text).toBe("Hi");
  expect(fromGemini.usageMetadata).toMatchObject({
    promptTokenCount: 100,
    cachedContentTokenCount: 30,
    candidatesTokenCount: 8,
    thoughtsTokenCount: 4,
  });

  expect(server.calls.map(({ provider, model, system, prompt }) => ({ provider, model, system, prompt }))).toEqual([
    { provider: "openai", model: "a", system: "", prompt: "Hello there" },
    { provider: "anthropic", model: "b", system: "Be kind", prompt: "Hello there" },
    { provider: "gemini", model: "c", system: "Be kind", prompt: "Hello there" },
  ]);
});

test("failures arrive with the status, kind and headers that were asked for, as often as asked", async () => {
  server.on(
    { provider: "openai" },
    { status: 429, errorType: "insufficient_quota", headers: { "retry-after": "7" } },
    1,
  );
  const refusal = await openai()
    .chat.completions.create({ model: "a", messages })
    .catch((error: unknown) => error);
  expect(refusal).toMatchObject({ status: 429, code: "insufficient_quota" });
  expect(refusal instanceof OpenAI.APIError && refusal.headers?.get("retry-after")).toBe("7");
  await openai().chat.completions.create({ model: "a", messages });

  server.on({ provider: "anthropic" }, { status: 529, errorType: "overloaded_error" });
  await expect(anthropic().messages.create({ model: "b", max_tokens: 9, messages })).rejects.toMatchObject({
    status: 529,
  });
  server.on({ model: "c" }, { status: 503 });
  await expect(gemini().models.generateContent({ model: "c", contents: "Hi" })).rejects.toMatchObject({ status: 503 });
});

test("a call can be late, hang or be cut off, and side by side calls are counted", async () => {
  server.on({ contains: "Hello" }, { delayMs: 100 });
  await Promise.all([1, 2, 3].map(() => openai().chat.completions.create({ model: "a", messages })));
  expect(server.peak()).toBe(3);

  server.on({ model: "hangs" }, { fault: "hang" });
  await expect(openai(200).chat.completions.create({ model: "hangs", messages })).rejects.toThrow(/timed out/);
  server.on({ model: "cut" }, { fault: "reset" });
  await expect(openai().chat.completions.create({ model: "cut", messages })).rejects.toThrow(/[Cc]onnection error/);
  await expect.poll(() => server.pending()).toBe(0);
});

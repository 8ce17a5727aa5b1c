import { LLMock } from "@copilotkit/aimock";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { adapterFor, type CallOptions, type CompletionRequest, type ProviderName } from "../../src/providers/index.ts";

const mock = new LLMock({ port: 0, host: "127.0.0.1" });

beforeAll(async () => {
  await mock.start();
});

afterAll(async () => {
  await mock.stop();
});

beforeEach(() => {
  mock.reset();
});

const PROVIDERS: readonly { provider: ProviderName; model: string; path: string }[] = [
  { provider: "openai", model: "gpt-4.1", path: "/v1" },
  { provider: "anthropic", model: "claude-haiku-4-5", path: "" },
  { provider: "gemini", model: "gemini-2.5-flash", path: "" },
  { provider: "openai-compatible", model: "llama-3.3-70b", path: "/v1" },
];

/** The same counts under each provider's own names. */
const USAGE = {
  ...{ prompt_tokens: 21, completion_tokens: 7, total_tokens: 28 },
  ...{ input_tokens: 21, output_tokens: 7 },
  ...{ promptTokenCount: 21, candidatesTokenCount: 7, totalTokenCount: 28 },
};

describe.each(PROVIDERS)("$provider over HTTP", ({ provider, model, path }) => {
  const request: CompletionRequest = {
    model,
    system: "You greet people.",
    prompt: "say hello",
    temperature: 0.5,
    maxTokens: 100,
    topP: null,
    stopSequences: [],
  };

  function complete(part: Partial<CallOptions> = {}) {
    return adapterFor(provider).complete(request, {
      apiKey: "sk-for-aimock",
      baseUrl: `${mock.url}${path}`,
      signal: new AbortController().signal,
      timeoutMs: 5_000,
      clock: { now: () => performance.now() },
      ...part,
    });
  }

  test("the system prompt and the prompt arrive, and an answer comes back with usage", async () => {
    mock.on(
      { systemMessage: "You greet people.", userMessage: "say hello" },
      { content: "Hello there!", usage: USAGE },
    );
    const completion = await complete();
    expect(completion).toMatchObject({ text: "Hello there!", finishReason: "stop" });
    expect(completion.usage).toMatchObject({ inputTokens: 21, outputTokens: 7 });
    expect(completion.latencyMs).toBeGreaterThan(0);
  });

  test("a model that never pauses is told where to stop by length", async () => {
    const finishReason = provider === "anthropic" ? "max_tokens" : provider === "gemini" ? "MAX_TOKENS" : "length";
    mock.onMessage("say hello", { content: "Hello and", finishReason });
    expect(await complete()).toMatchObject({ text: "Hello and", finishReason: "length" });
  });

  test("a rate limit is one request, with its wait", async () => {
    mock.onMessage("say hello", { content: "Hello there!" }, { chaos: { rateLimitRate: 1 } });
    await expect(complete()).rejects.toMatchObject({ kind: "rate_limit", httpStatus: 429 });
    await expect(complete()).rejects.toMatchObject({ retryAfterMs: expect.any(Number) });
    expect(mock.getRequests()).toHaveLength(2);
  });

  test("a server's fault is one request", async () => {
    mock.nextRequestError(500, { message: "it broke", type: "server_error" });
    await expect(complete()).rejects.toMatchObject({ kind: "server", httpStatus: 500 });
    expect(mock.getRequests()).toHaveLength(1);
  });

  test("broken JSON is malformed", async () => {
    mock.onMessage("say hello", { content: "Hello there!" }, { chaos: { malformedRate: 1 } });
    await expect(complete()).rejects.toMatchObject({ kind: "malformed" });
  });

  test("a connection that breaks is network", async () => {
    mock.onMessage("say hello", { content: "Hello there!" }, { chaos: { disconnectRate: 1 } });
    await expect(complete()).rejects.toMatchObject({ kind: "network" });
  });

  test("an address where nobody listens is network", async () => {
    await expect(complete({ baseUrl: "http://127.0.0.1:9" })).rejects.toMatchObject({
      kind: "network",
      httpStatus: null,
    });
  });

  test("a slow server is timeout at the deadline, not later", async () => {
    mock.onMessage("say hello", { content: "Hello there!" }, { chaos: { latencyMs: 3_000 } });
    const startedAt = performance.now();
    await expect(complete({ timeoutMs: 100 })).rejects.toMatchObject({ kind: "timeout" });
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });
});

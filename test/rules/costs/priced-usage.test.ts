import { afterEach, describe, expect, it, vi } from "vitest";
import { CATALOGUE_PRICES, type PriceBook, priceBook, priceCall } from "../../../src/costs/index.ts";
import { adapterFor, type ProviderName } from "../../../src/providers/index.ts";

const NOW = Date.UTC(2026, 10, 22, 12);

afterEach(() => {
  vi.restoreAllMocks();
});

/** How each provider's answer holds the model that answered and what it counted. */
const BODIES = {
  openai: (model: string, usage: unknown) => ({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1_795_000_000,
    model,
    choices: [{ index: 0, message: { role: "assistant", content: "Hello.", refusal: null }, finish_reason: "stop" }],
    usage,
  }),
  anthropic: (model: string, usage: unknown) => ({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model,
    content: [{ type: "text", text: "Hello." }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage,
  }),
  gemini: (modelVersion: string, usageMetadata: unknown) => ({
    candidates: [{ content: { role: "model", parts: [{ text: "Hello." }] }, finishReason: "STOP", index: 0 }],
    modelVersion,
    usageMetadata,
  }),
};

/** What an answer with this usage costs, in nano-USD: read by the adapter that reads it in production. */
async function costOfAnswer(
  provider: ProviderName,
  model: string,
  usage: unknown,
  prices: PriceBook = CATALOGUE_PRICES,
): Promise<number | null> {
  const body = BODIES[provider === "openai-compatible" ? "openai" : provider](model, usage);
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json(body));
  const completion = await adapterFor(provider).complete(
    {
      model: "the-one-asked-for",
      system: null,
      prompt: "Say hello.",
      temperature: 0,
      maxTokens: 500,
      topP: null,
      stopSequences: [],
    },
    {
      apiKey: "sk-of-a-test",
      baseUrl: "https://provider.test",
      signal: new AbortController().signal,
      timeoutMs: 5_000,
      clock: { now: () => NOW },
    },
  );
  if (completion.usage === null) return null;
  return (
    priceCall(prices, { provider, model: completion.model, usage: completion.usage, at: NOW })?.costNanoUsd ?? null
  );
}

// A micro-USD per million tokens is a thousandth of a nano-USD a token: $1.25 a million is 1,250 nano-USD each.
describe("OpenAI's usage, whose input includes cached and written tokens and whose output includes reasoning", () => {
  it("prices cached input apart and reasoning as output", async () => {
    const usage = {
      prompt_tokens: 12_345,
      completion_tokens: 1_111,
      total_tokens: 13_456,
      prompt_tokens_details: { cached_tokens: 10_240, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 704, audio_tokens: 0, rejected_prediction_tokens: 0 },
    };
    // gpt-5 at 1.25 / 0.125 / 10 USD: (12,345 - 10,240 = 2,105) * 1,250 = 2,631,250; 10,240 * 125 = 1,280,000;
    // 1,111 * 10,000 = 11,110,000.
    expect(await costOfAnswer("openai", "gpt-5-2025-08-07", usage)).toBe(15_021_250);
  });

  it("prices what was written to the cache", async () => {
    const usage = {
      prompt_tokens: 4_000,
      completion_tokens: 10,
      total_tokens: 4_010,
      prompt_tokens_details: { cached_tokens: 1_000, cache_write_tokens: 2_000 },
      completion_tokens_details: { reasoning_tokens: 0 },
    };
    // gpt-6.1-sol at 2 / 0.10 / 2.50 / 10 USD: 1,000 * 2,000 = 2,000,000; 1,000 * 100 = 100,000; 2,000 * 2,500 = 5,000,000;
    // 10 * 10,000 = 100,000.
    expect(await costOfAnswer("openai", "gpt-6.1-sol", usage)).toBe(7_200_000);
  });

  it("reprices the whole request over 272,000 tokens, cached ones counted, and not at 272,000", async () => {
    const usage = (input: number, cached: number, output: number) => ({
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      prompt_tokens_details: { cached_tokens: cached },
    });
    // 272,000 * 2,000 = 544,000,000; 1 * 10,000.
    expect(await costOfAnswer("openai", "gpt-6.1-sol", usage(272_000, 0, 1))).toBe(544_010_000);
    // At 4 / 0.20 / 15 USD: 1 * 4,000; 272,000 * 200 = 54,400,000; 1 * 15,000.
    expect(await costOfAnswer("openai", "gpt-6.1-sol", usage(272_001, 272_000, 1))).toBe(54_419_000);
    // 100,000 * 4,000 = 400,000,000; 200,000 * 200 = 40,000,000; 1,000 * 15,000 = 15,000,000.
    expect(await costOfAnswer("openai", "gpt-6.1-sol", usage(300_000, 200_000, 1_000))).toBe(455_000_000);
  });

  // gpt-4.1-mini at 0.40 / 0.10 / 1.60 USD.
  it.each([
    ["no details", { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }, 10 * 400 + 5 * 1_600],
    [
      "details that are null",
      { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: null, completion_tokens_details: null },
      10 * 400 + 5 * 1_600,
    ],
    [
      "counts in the details that are null or text",
      {
        prompt_tokens: 10,
        completion_tokens: 5,
        prompt_tokens_details: { cached_tokens: null },
        completion_tokens_details: { reasoning_tokens: "3" },
      },
      10 * 400 + 5 * 1_600,
    ],
    ["nothing counted", { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }, 0],
    [
      // No more can be cached than was sent: else the rest would be negative, and the call cheaper than free.
      "more cached than sent",
      { prompt_tokens: 10, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 25 } },
      10 * 100,
    ],
    [
      "more reasoning than output",
      { prompt_tokens: 0, completion_tokens: 5, completion_tokens_details: { reasoning_tokens: 9 } },
      5 * 1_600,
    ],
    ["no usage", null, null],
    ["a usage without counts", { total_tokens: 15 }, null],
    ["negative counts", { prompt_tokens: -10, completion_tokens: 5 }, null],
  ])("with %s is priced by what can be known", async (_, usage, nanoUsd) => {
    expect(await costOfAnswer("openai", "gpt-4.1-mini-2025-04-14", usage)).toBe(nanoUsd);
  });
});

describe("Anthropic's usage, whose input leaves out what was read from and written to the cache", () => {
  const usage = (over: object) => ({ input_tokens: 200, output_tokens: 50, service_tier: "standard", ...over });

  it("prices reads, writes for five minutes and writes for an hour each at their own price", async () => {
    const cached = usage({
      cache_read_input_tokens: 1_000,
      cache_creation_input_tokens: 300,
      cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 100 },
    });
    // claude-sonnet-4-5 at 3 / 0.30 / 3.75 / 6 / 15 USD: 200 * 3,000 = 600,000; 1,000 * 300 = 300,000;
    // 200 * 3,750 = 750,000; 100 * 6,000 = 600,000; 50 * 15,000 = 750,000.
    expect(await costOfAnswer("anthropic", "claude-sonnet-4-5-20250929", cached)).toBe(3_000_000);
  });

  it("takes writes of unknown lifetime for those of five minutes", async () => {
    const unsplit = usage({ cache_read_input_tokens: 1_000, cache_creation_input_tokens: 300 });
    // 600,000 + 300,000 + 300 * 3,750 = 1,125,000 + 750,000.
    expect(await costOfAnswer("anthropic", "claude-sonnet-4-5-20250929", unsplit)).toBe(2_775_000);
  });

  it("counts thinking inside the output, once", async () => {
    const thinking = { input_tokens: 10, output_tokens: 500, output_tokens_details: { thinking_tokens: 400 } };
    // claude-haiku-4-5 at 1 / 5 USD: 10 * 1,000 + 500 * 5,000.
    expect(await costOfAnswer("anthropic", "claude-haiku-4-5-20251001", thinking)).toBe(2_510_000);
  });

  it("reprices the whole request over 200,000 tokens, of which most came from the cache", async () => {
    const long = (read: number) => ({ input_tokens: 1_000, cache_read_input_tokens: read, output_tokens: 10 });
    // 1,000 * 3,000 = 3,000,000; 199,000 * 300 = 59,700,000; 10 * 15,000 = 150,000.
    expect(await costOfAnswer("anthropic", "claude-sonnet-4-5", long(199_000))).toBe(62_850_000);
    // At 6 / 0.60 / 22.50 USD: 1,000 * 6,000 = 6,000,000; 199,001 * 600 = 119,400,600; 10 * 22,500 = 225,000.
    expect(await costOfAnswer("anthropic", "claude-sonnet-4-5", long(199_001))).toBe(125_625_600);
  });

  it.each([
    [
      "everything optional null",
      usage({ cache_read_input_tokens: null, cache_creation_input_tokens: null, cache_creation: null }),
      200 * 1_000 + 50 * 5_000,
    ],
    // An hour's share cannot be more than all that was written: 300 * 2,000.
    [
      "more written for an hour than written",
      usage({ cache_creation_input_tokens: 300, cache_creation: { ephemeral_1h_input_tokens: 900 } }),
      200 * 1_000 + 300 * 2_000 + 50 * 5_000,
    ],
    ["zeros", { input_tokens: 0, output_tokens: 0, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 }, 0],
    ["no usage", undefined, null],
  ])("with %s is priced by what can be known", async (_, counts, nanoUsd) => {
    expect(await costOfAnswer("anthropic", "claude-haiku-4-5", counts)).toBe(nanoUsd);
  });
});

describe("Gemini's usage, whose input includes cached tokens and whose thoughts stand beside the output", () => {
  it("prices cached input apart and thoughts as output", async () => {
    const usage = {
      promptTokenCount: 2_000,
      cachedContentTokenCount: 500,
      candidatesTokenCount: 100,
      thoughtsTokenCount: 300,
      totalTokenCount: 2_400,
    };
    // gemini-2.5-pro at 1.25 / 0.125 / 10 USD: 1,500 * 1,250 = 1,875,000; 500 * 125 = 62,500; 400 * 10,000 = 4,000,000.
    expect(await costOfAnswer("gemini", "gemini-2.5-pro", usage)).toBe(5_937_500);
  });

  it("reprices the whole request over 200,000 tokens, what tools were given among them", async () => {
    const usage = (tools: number) => ({
      promptTokenCount: 199_000,
      toolUsePromptTokenCount: tools,
      cachedContentTokenCount: 100_000,
      candidatesTokenCount: 10,
    });
    // 100,000 * 1,250 = 125,000,000; 100,000 * 125 = 12,500,000; 10 * 10,000 = 100,000.
    expect(await costOfAnswer("gemini", "gemini-2.5-pro", usage(1_000))).toBe(137_600_000);
    // At 2.50 / 0.25 / 15 USD: 100,001 * 2,500 = 250,002,500; 100,000 * 250 = 25,000,000; 10 * 15,000 = 150,000.
    expect(await costOfAnswer("gemini", "gemini-2.5-pro", usage(1_001))).toBe(275_152_500);
  });

  it("rounds to the nano-dollar once, half to even", async () => {
    const usage = (cached: number) => ({ promptTokenCount: cached, cachedContentTokenCount: cached });
    // gemini-1.5-flash at 0.01875 USD for cached input: 18.75 nano-USD a token. 2 are 37.5, 6 are 112.5, 3 are 56.25.
    expect(await costOfAnswer("gemini", "gemini-1.5-flash-002", usage(2))).toBe(38);
    expect(await costOfAnswer("gemini", "gemini-1.5-flash-002", usage(6))).toBe(112);
    expect(await costOfAnswer("gemini", "gemini-1.5-flash-002", usage(3))).toBe(56);
  });

  // gemini-2.5-flash at 0.30 / 2.50 USD.
  it.each([
    ["counts of zero left out", { promptTokenCount: 40, totalTokenCount: 40 }, 40 * 300],
    ["nothing but thoughts", { promptTokenCount: 40, thoughtsTokenCount: 20 }, 40 * 300 + 20 * 2_500],
    [
      "null for what there was none of",
      { promptTokenCount: 40, candidatesTokenCount: null, cachedContentTokenCount: null },
      40 * 300,
    ],
    ["no count of the prompt", { candidatesTokenCount: 10 }, null],
    ["no usage", undefined, null],
  ])("with %s is priced by what can be known", async (_, usage, nanoUsd) => {
    expect(await costOfAnswer("gemini", "models/gemini-2.5-flash-001", usage)).toBe(nanoUsd);
  });
});

describe("the usage of a server that speaks OpenAI's dialect", () => {
  const price = {
    effectiveDate: "2026-01-01",
    input: 100_000,
    cachedInput: 10_000,
    output: 500_000,
    reasoning: 700_000,
  };
  const book = priceBook([{ provider: "openai-compatible", model: "grok-of-ours", from: 0, price }]);

  it("is unpriced until the workspace says what its models cost", async () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5 };
    expect(await costOfAnswer("openai-compatible", "grok-of-ours", usage)).toBeNull();
    expect(await costOfAnswer("openai-compatible", "grok-of-ours", usage, book)).toBe(10 * 100 + 5 * 500);
  });

  it("is priced alike whether it counts reasoning inside its output or beside it, and cached input by any name", async () => {
    const details = { completion_tokens_details: { reasoning_tokens: 50 } };
    // 6 * 100 + 4 cached * 10 = 640; 20 * 500 = 10,000; 50 reasoning * 700 = 35,000.
    const inside = {
      prompt_tokens: 10,
      completion_tokens: 70,
      total_tokens: 80,
      prompt_tokens_details: { cached_tokens: 4 },
    };
    expect(await costOfAnswer("openai-compatible", "grok-of-ours", { ...inside, ...details }, book)).toBe(45_640);
    const beside = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 80, prompt_cache_hit_tokens: 4 };
    expect(await costOfAnswer("openai-compatible", "grok-of-ours", { ...beside, ...details }, book)).toBe(45_640);
  });
});

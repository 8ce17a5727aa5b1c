import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ProviderSettings, resolveKey } from "../../../src/providers/keys.ts";
import { explain, quotable } from "../../../src/providers/rules/explain.ts";
import {
  anthropicSampling,
  cutAtStop,
  isOpenAiReasoningModel,
  takesAnthropicSampling,
} from "../../../src/providers/rules/sampling.ts";
import { normalised } from "../../../src/providers/rules/usage.ts";

describe("sampling", () => {
  test.each(["o1", "o3-mini", "o4-mini-2025-04-16", "gpt-5", "gpt-5.1-codex", "gpt-6", "ft:o4-mini:acme::1"])(
    "%s reasons",
    (model) => expect(isOpenAiReasoningModel(model)).toBe(true),
  );

  test.each(["gpt-4", "gpt-4o", "gpt-4.1-mini", "gpt-3.5-turbo", "gpt-5-chat-latest", "ft:gpt-4o:acme::1", "omni"])(
    "%s does not",
    (model) => expect(isOpenAiReasoningModel(model)).toBe(false),
  );

  test.each(["claude-3-opus-20240229", "claude-sonnet-4-20250514", "claude-haiku-4-5", "claude-opus-4-6"])(
    "%s takes sampling",
    (model) => expect(takesAnthropicSampling(model)).toBe(true),
  );

  test.each(["claude-opus-4-7", "claude-opus-5-5", "claude-sonnet-5", "claude-fable-5-2"])("%s does not", (model) =>
    expect(takesAnthropicSampling(model)).toBe(false),
  );

  test("Anthropic never gets temperature and top_p together, and no temperature over 1", () => {
    expect(anthropicSampling("claude-opus-4-5", 1.7, null)).toEqual({ temperature: 1 });
    expect(anthropicSampling("claude-opus-4-5", 0.2, 0.9)).toEqual({ top_p: 0.9 });
  });

  test("a text ends before the stop sequence that comes first in it", () => {
    expect(cutAtStop("one two three", ["three", "two", ""])).toBe("one ");
    expect(cutAtStop("one", ["two"])).toBe("one");
  });
});

describe("normalised", () => {
  test("no part is larger than what is left of its total", () => {
    const tokens = fc.nat(1_000_000);
    const usage = fc.record({
      inputTokens: tokens,
      cachedInputTokens: tokens,
      cacheWriteTokens: tokens,
      cacheWrite1hTokens: tokens,
      outputTokens: tokens,
      reasoningTokens: tokens,
    });
    fc.assert(
      fc.property(usage, (given) => {
        const made = normalised(given);
        const parts = made.cachedInputTokens + made.cacheWriteTokens + made.cacheWrite1hTokens;
        expect(made.inputTokens).toBe(given.inputTokens);
        expect(parts).toBeLessThanOrEqual(made.inputTokens);
        expect(made.reasoningTokens).toBeLessThanOrEqual(made.outputTokens);
        expect(Math.min(...Object.values(made))).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("quotable", () => {
  const KEY = "AbCd1234EfGh5678IjKl";

  test("no text that holds eight characters of the key in a row is shown", () => {
    fc.assert(
      fc.property(fc.nat(KEY.length - 8), fc.string(), fc.string(), (start, before, after) => {
        expect(quotable(`${before}${KEY.slice(start, start + 8)}${after}`, KEY)).toBeNull();
      }),
    );
  });

  test.each(["sk-proj-abc***xyz", "AIzaSyA0000", "Authorization: Bearer abcdef123"])("%j looks like a key", (text) => {
    expect(quotable(text, KEY)).toBeNull();
  });

  test("a short key does not let itself be quoted either", () => {
    expect(quotable("the key is abc", "abc")).toBeNull();
  });

  test("line breaks and control characters become spaces, and a long text is cut", () => {
    expect(quotable(" a\r\n\u0007b\u202e ", KEY)).toBe("a b");
    expect(quotable("x".repeat(2_000), KEY)).toHaveLength(301);
  });

  test("without a key in use, ordinary words are shown", () => {
    expect(quotable("temperature must be 1", "")).toBe("temperature must be 1");
  });
});

test("the message for a refused key names the setting to look at", () => {
  const message = explain("auth", { provider: "gemini", model: "gemini-3-pro", httpStatus: 403, quote: null });
  expect(message).toContain("GEMINI_API_KEY");
  expect(message).toContain("HTTP 403");
});

describe("resolveKey", () => {
  const settings: ProviderSettings = {
    OPENAI_API_KEY: "sk-1",
    ANTHROPIC_API_KEY: "sk-2",
    ANTHROPIC_BASE_URL: "https://anthropic.test",
    GEMINI_BASE_URL: "https://gemini.test",
    OPENAI_COMPATIBLE_BASE_URL: "https://models.test/v1",
  };

  test("a provider has its own key and address, and never another's", () => {
    expect(resolveKey(settings, "openai")).toEqual({ apiKey: "sk-1", baseUrl: null });
    expect(resolveKey(settings, "anthropic")).toEqual({ apiKey: "sk-2", baseUrl: "https://anthropic.test" });
  });

  test("an address without a key configures a compatible server only", () => {
    expect(resolveKey(settings, "gemini")).toBeNull();
    expect(resolveKey(settings, "openai-compatible")).toEqual({ apiKey: "", baseUrl: "https://models.test/v1" });
    expect(resolveKey({ OPENAI_COMPATIBLE_API_KEY: "k" }, "openai-compatible")).toBeNull();
  });
});

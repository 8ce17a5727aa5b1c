import { assert, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { costOf, type Price, priceAt, type TokenCounts, worstCaseCost } from "../../../src/costs/index.ts";

const usage = (partial: Partial<TokenCounts> = {}): TokenCounts => ({
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  ...partial,
});

const price = (partial: Partial<Price> = {}): Price => ({
  effectiveDate: "1970-01-01",
  input: 3_000_000,
  output: 15_000_000,
  ...partial,
});

/** Every class at a rate of its own, so that a token counted in the wrong one shows. In micro-USD per million tokens. */
const apart = price({
  cachedInput: 300_000,
  cacheWrite: 3_750_000,
  cacheWrite1h: 6_000_000,
  reasoning: 20_000_000,
  tiers: [
    { aboveInputTokens: 200_000, input: 6_000_000, cachedInput: 600_000, output: 22_500_000 },
    { aboveInputTokens: 500_000, input: 9_000_000, output: 30_000_000 },
  ],
});

describe("the cost of a call", () => {
  it("is worked out by hand to the nano-dollar", () => {
    // 1 micro-USD per million tokens is 0.001 nano-USD a token, so $3 per million is 3,000 nano-USD a token.
    // 1,234 input: 34 plain * 3,000 = 102,000; 1,000 cached * 300 = 300,000; 150 written * 3,750 = 562,500;
    // 50 written for an hour * 6,000 = 300,000. 567 output: 500 * 15,000 = 7,500,000; 67 reasoning * 20,000 = 1,340,000.
    const call = usage({
      inputTokens: 1234,
      cachedInputTokens: 1000,
      cacheWriteTokens: 150,
      cacheWrite1hTokens: 50,
      outputTokens: 567,
      reasoningTokens: 67,
    });
    expect(costOf(apart, call)).toBe(102_000 + 300_000 + 562_500 + 300_000 + 7_500_000 + 1_340_000);
  });

  it.each([
    // Dollars per million tokens as published, for a million of input and a million of output.
    ["openai", "gpt-4", 30_000_000_000 + 60_000_000_000],
    ["openai", "gpt-4-turbo", 10_000_000_000 + 30_000_000_000],
    ["openai", "gpt-3.5-turbo", 500_000_000 + 1_500_000_000],
    ["anthropic", "claude-3-opus-20240229", 15_000_000_000 + 75_000_000_000],
    ["anthropic", "claude-3-5-sonnet-20241022", 3_000_000_000 + 15_000_000_000],
    ["anthropic", "claude-3-haiku-20240307", 250_000_000 + 1_250_000_000],
    ["gemini", "gemini-1.5-pro", 1_250_000_000 + 5_000_000_000],
    ["gemini", "gemini-1.5-flash", 70_000_000 + 300_000_000],
  ])("of %s %s is what the product published", (provider, model, nanoUsd) => {
    const at = Date.parse("2026-11-22");
    expect(costOf(priceAt(provider, model, at), usage({ inputTokens: 1e6, outputTokens: 1e6 }))).toBe(nanoUsd);
  });

  it("of gpt-4.1-mini counts cached input at its own price", () => {
    // 10,000 input of which 8,000 cached: 2,000 * 400 + 8,000 * 100 = 1,600,000. 300 output * 1,600 = 480,000.
    const known = priceAt("openai", "gpt-4.1-mini-2025-04-14", Date.parse("2026-11-22"));
    const call = usage({ inputTokens: 10_000, cachedInputTokens: 8000, outputTokens: 300 });
    expect(costOf(known, call)).toBe(2_080_000);
  });

  it("over a threshold is repriced as a whole, at the threshold itself not yet", () => {
    // At 200,000: 200,000 * 3,000 + 10 * 15,000. One more: 200,001 * 6,000 + 10 * 22,500.
    expect(costOf(apart, usage({ inputTokens: 200_000, outputTokens: 10 }))).toBe(600_150_000);
    expect(costOf(apart, usage({ inputTokens: 200_001, outputTokens: 10 }))).toBe(1_200_231_000);
    // The second threshold: 500,001 * 9,000 + 10 * 30,000.
    expect(costOf(apart, usage({ inputTokens: 500_001, outputTokens: 10 }))).toBe(4_500_309_000);
  });

  it("counts cached tokens towards the threshold", () => {
    // 1 plain * 6,000 + 200,000 cached * 600.
    expect(costOf(apart, usage({ inputTokens: 200_001, cachedInputTokens: 200_000 }))).toBe(120_006_000);
  });

  it("takes the next broader class where one is not priced apart", () => {
    const bare = price();
    const all = usage({ inputTokens: 6, cachedInputTokens: 1, cacheWriteTokens: 2, cacheWrite1hTokens: 3 });
    expect(costOf(bare, all)).toBe(6 * 3000);
    const writes = price({ cacheWrite: 3_750_000 });
    expect(costOf(writes, all)).toBe(1 * 3000 + 2 * 3750 + 3 * 3750);
    expect(costOf(bare, usage({ outputTokens: 5, reasoningTokens: 4 }))).toBe(5 * 15_000);
  });

  it.each([
    [500, 0], // 0.5 of a nano-USD
    [501, 1],
    [1499, 1],
    [1500, 2],
    [2500, 2], // half up would say 3
    [3500, 4],
  ])("rounds half to even: %i tokens at a thousandth of a nano-USD cost %i", (inputTokens, nanoUsd) => {
    expect(costOf(price({ input: 1 }), usage({ inputTokens }))).toBe(nanoUsd);
  });

  it("rounds once, not for each class", () => {
    // 0.5 + 0.5 is 1. Rounded apart, each would be 0.
    expect(costOf(price({ input: 1, output: 1 }), usage({ inputTokens: 500, outputTokens: 500 }))).toBe(1);
  });

  it("is null without a price, and zero only when nothing was used", () => {
    expect(costOf(null, usage({ inputTokens: 1 }))).toBeNull();
    expect(costOf(price(), usage())).toBe(0);
  });

  it.each([
    [{ inputTokens: -1 }],
    [{ outputTokens: 1.5 }],
    [{ inputTokens: Number.NaN }],
    [{ inputTokens: 10, cachedInputTokens: -5 }],
    [{ inputTokens: 10, cachedInputTokens: 6, cacheWriteTokens: 5 }],
    [{ outputTokens: 10, reasoningTokens: 11 }],
  ])("refuses %o, priced or not", (counts) => {
    expect(() => costOf(price(), usage(counts))).toThrow(RangeError);
    expect(() => costOf(null, usage(counts))).toThrow(RangeError);
  });

  it("refuses a result that a number cannot hold exactly", () => {
    // 2^53 - 1 tokens at 1 nano-USD each fit, at 2 they do not.
    const most = usage({ inputTokens: Number.MAX_SAFE_INTEGER });
    expect(costOf(price({ input: 1000 }), most)).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => costOf(price({ input: 2000 }), most)).toThrow(RangeError);
  });

  const parts = record({
    plain: integer({ min: 0, max: 100_000 }),
    cachedInputTokens: integer({ min: 0, max: 100_000 }),
    cacheWriteTokens: integer({ min: 0, max: 100_000 }),
    cacheWrite1hTokens: integer({ min: 0, max: 100_000 }),
    answer: integer({ min: 0, max: 100_000 }),
    reasoningTokens: integer({ min: 0, max: 100_000 }),
  }).map(({ plain, answer, ...rest }) => ({
    ...rest,
    inputTokens: plain + rest.cachedInputTokens + rest.cacheWriteTokens + rest.cacheWrite1hTokens,
    outputTokens: answer + rest.reasoningTokens,
  }));

  const cost = (of: Price, counts: TokenCounts) => costOf(of, counts) ?? Number.NaN;
  const sum = (a: TokenCounts, b: TokenCounts): TokenCounts => ({
    inputTokens: a.inputTokens + b.inputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    cacheWrite1hTokens: a.cacheWrite1hTokens + b.cacheWrite1hTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
  });
  const { tiers: _, ...untiered } = apart;
  const odd: Price = { ...untiered, input: 37_501, cachedInput: 3, output: 299_999 };

  it("of two calls together is the sum of both, up to rounding, and never less than either", () => {
    assert(
      property(parts, parts, (a, b) => {
        const together = cost(odd, sum(a, b));
        // Each of the three roundings is off by at most half a nano-USD.
        expect(Math.abs(together - cost(odd, a) - cost(odd, b))).toBeLessThanOrEqual(1);
        expect(together).toBeGreaterThanOrEqual(Math.max(cost(odd, a), cost(odd, b)));
      }),
    );
  });

  it("never exceeds what was reserved as the worst case", () => {
    assert(
      property(parts, (counts) => {
        const asked = { ...counts, inputTokens: counts.inputTokens - counts.cacheWrite1hTokens, cacheWrite1hTokens: 0 };
        const worst = worstCaseCost(apart, { inputTokens: asked.inputTokens, maxTokens: asked.outputTokens });
        expect(worst).toBeGreaterThanOrEqual(cost(apart, asked));
      }),
    );
  });
});

describe("the worst case of a call", () => {
  it("counts all input in its dearest class and all output that is allowed", () => {
    // 1,000 * 3,750 (cache writes) + 100 * 20,000 (reasoning). An hour's writes are never requested.
    expect(worstCaseCost(apart, { inputTokens: 1000, maxTokens: 100 })).toBe(5_750_000);
  });

  it("is null without a price and refuses what is no count", () => {
    expect(worstCaseCost(null, { inputTokens: 1, maxTokens: 1 })).toBeNull();
    expect(() => worstCaseCost(price(), { inputTokens: 1, maxTokens: -1 })).toThrow(RangeError);
  });
});

describe("the price of a model", () => {
  it.each([
    ["2025-06-09T23:59:59.999Z", 10_000_000],
    ["2025-06-10T00:00:00.000Z", 2_000_000],
  ])("at %s is the one in effect then", (at, input) => {
    expect(priceAt("openai", "o3", Date.parse(at))?.input).toBe(input);
  });

  it("that changes in the future does not apply before", () => {
    expect(priceAt("gemini", "gemini-3.8-flash", Date.parse("2026-12-31"))?.output).toBe(3_750_000);
    expect(priceAt("gemini", "gemini-3.8-flash", Date.parse("2027-01-01"))?.output).toBe(7_500_000);
  });

  it("is null when nobody knows the model", () => {
    expect(priceAt("openai", "gpt-nothing", 0)).toBeNull();
    expect(priceAt("openai-compatible", "gpt-4.1", 0)).toBeNull();
  });
});

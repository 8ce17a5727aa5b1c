import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { buildCatalogue } from "../../../scripts/prices-update/build.ts";
import { changesBetween } from "../../../scripts/prices-update/changes.ts";
import { microUsd } from "../../../scripts/prices-update/decimal.ts";
import { pricesOf } from "../../../scripts/prices-update/prices.ts";
import { render } from "../../../scripts/prices-update/render.ts";
import { readSource } from "../../../scripts/prices-update/source.ts";
import { CATALOGUE } from "../../../src/costs/catalogue.generated.ts";
import { CATALOGUE_PROVIDERS } from "../../../src/costs/catalogue-model.ts";
import {
  CAPABILITIES,
  type CatalogueModel,
  findModel,
  isRetired,
  modelsOf,
  successorOf,
  TIERS,
} from "../../../src/costs/index.ts";
import { lastSuccessor } from "../../../src/costs/rules/last-successor.ts";

const path = join(import.meta.dirname, "../../../src/costs/catalogue.generated.ts");

const rate = z.number().int().nonnegative();
const classes = {
  input: rate.positive(),
  cachedInput: rate.optional(),
  cacheWrite: rate.optional(),
  cacheWrite1h: rate.optional(),
  output: rate.positive(),
  reasoning: rate.optional(),
};
const ascending = (numbers: readonly (string | number)[]) =>
  numbers.every((each, n) => n === 0 || each > (numbers[n - 1] ?? each));
const priceSchema = z.strictObject({
  effectiveDate: z.iso.date(),
  ...classes,
  tiers: z
    .array(z.strictObject({ aboveInputTokens: z.number().int().positive(), ...classes }))
    .min(1)
    .refine((tiers) => ascending(tiers.map((tier) => tier.aboveInputTokens)))
    .optional(),
});
const rowSchema = z.strictObject({
  provider: z.enum(CATALOGUE_PROVIDERS),
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/),
  aliases: z.array(z.string().regex(/^[a-z0-9.-]+$/)),
  contextWindow: z.number().int().min(4096),
  maxOutputTokens: z.number().int().positive().nullable(),
  capabilities: z.array(z.enum(CAPABILITIES)).refine((all) => all.includes("text") && new Set(all).size === all.length),
  tier: z.enum(TIERS),
  retiredAt: z.iso.date().nullable(),
  successor: z.string().nullable(),
  prices: z
    .array(priceSchema)
    .min(1)
    .refine((prices) => ascending(prices.map((price) => price.effectiveDate))),
});

describe("the catalogue", () => {
  it("is what the script makes of the installed price data", () => {
    const { catalogue } = buildCatalogue(readSource());
    expect(render(catalogue) === readFileSync(path, "utf8"), "run `npm run prices:update` and review").toBe(true);
    expect(changesBetween(CATALOGUE, catalogue)).toEqual([]);
  });

  it.each(CATALOGUE.map((model) => [model.id, model] as const))("has a sound row for %s", (_, model) => {
    rowSchema.parse(model);
    expect(model.retiredAt === null).toBe(model.successor === null);
    expect(model.maxOutputTokens ?? 0).toBeLessThanOrEqual(model.contextWindow);
  });

  it("names for every model that goes one of the same provider that stays", () => {
    const going = CATALOGUE.filter((model) => model.retiredAt !== null);
    expect(going.length).toBeGreaterThan(30);
    for (const model of going) {
      const successor = findModel(model.provider, model.successor ?? "");
      expect(successor, model.id).toMatchObject({ id: model.successor, retiredAt: null });
    }
  });

  it("costs cached input no more than fresh input, and long context no less than short", () => {
    for (const price of CATALOGUE.flatMap((model) => model.prices)) {
      expect(price.cachedInput ?? 0).toBeLessThanOrEqual(price.input);
      for (const tier of price.tiers ?? []) expect(tier.input).toBeGreaterThanOrEqual(price.input);
    }
  });

  it("stays small enough to be loaded with the Worker", () => {
    expect(readFileSync(path).length).toBeLessThan(60_000);
  });
});

describe("a model's name", () => {
  it.each([
    ["openai", "gpt-4.1-2025-04-14", "gpt-4.1"],
    ["openai", "gpt-4.1-mini-2025-04-14", "gpt-4.1-mini"],
    ["openai", "gpt-4-0613", "gpt-4"],
    ["openai", "gpt-4o-2024-05-13", "gpt-4o-2024-05-13"], // cost more than later ones: the longest name wins
    ["openai", "gpt-4o-2024-11-20", "gpt-4o"],
    ["openai", "gpt-6-sol-2026-09-01", "gpt-6-sol"],
    ["anthropic", "claude-3-opus-20240229", "claude-3-opus"],
    ["anthropic", "claude-3-5-sonnet-latest", "claude-3-5-sonnet"],
    ["anthropic", "claude-sonnet-4-20250514", "claude-sonnet-4-0"],
    ["anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5"],
    ["anthropic", "claude-haiku-4-5-20251001", "claude-haiku-4-5"],
    ["gemini", "gemini-2.5-flash-001", "gemini-2.5-flash"],
    ["gemini", "models/gemini-2.5-flash", "gemini-2.5-flash"],
    ["gemini", "gemini-2.5-flash-preview-09-2025", "gemini-2.5-flash"],
  ])("%s %s is recognised as %s", (provider, model, id) => {
    expect(findModel(provider, model)?.id).toBe(id);
  });

  it.each([
    ["openai", "GPT-4.1"],
    ["openai", "gpt-4o-audio-preview"],
    ["openai", "gpt-4o-audio-preview-2024-12-17"],
    ["openai", "gpt-4.1-huge"],
    ["openai", "gpt-3.5-turbo-1106"], // had a price of its own
    ["openai", "ft:gpt-4o-2024-08-06:acme::abc"],
    ["openai", "gpt-4.1-20250414"], // another provider's way of dating
    ["openai", "models/gpt-4.1"],
    ["openai", "claude-haiku-4-5"],
    ["anthropic", "claude-opus-5-6"],
    ["anthropic", "gpt-4.1"],
    ["gemini", "gemini-2.5-flash-image"],
    ["gemini", "gemini-2.5-flash-lite-preview-tts"],
    ["openai-compatible", "gpt-4.1"],
    ["openai", ""],
    ["openai", "constructor"],
  ])("%s %s is not taken for another", (provider, model) => {
    expect(findModel(provider, model)).toBeNull();
  });
});

describe("retirement", () => {
  const row = (id: string) => findModel("openai", id) ?? expect.fail(`no ${id}`);

  it("holds from its day on, and not before", () => {
    expect(isRetired(row("gpt-5"), Date.parse("2026-12-10T23:59:59.999Z"))).toBe(false);
    expect(isRetired(row("gpt-5"), Date.parse("2026-12-11T00:00:00.000Z"))).toBe(true);
    expect(isRetired(row("gpt-6-luna"), Date.parse("2099-01-01"))).toBe(false);
  });

  it("has come for every model that the product was first published with", () => {
    const now = Date.parse("2026-11-22");
    const published = ["gpt-4", "gpt-4-turbo", "gpt-3.5-turbo"].map((id) => findModel("openai", id));
    const claude = ["claude-3-opus", "claude-3-5-sonnet", "claude-3-haiku"].map((id) => findModel("anthropic", id));
    const gemini = ["gemini-1.5-pro", "gemini-1.5-flash"].map((id) => findModel("gemini", id));
    for (const model of [...published, ...claude, ...gemini]) expect(model && isRetired(model, now)).toBe(true);
  });

  it("leads to the successor, also from a dated name", () => {
    expect(successorOf("openai", "gpt-4-0613")).toBe("gpt-6.1-sol");
    expect(successorOf("anthropic", "claude-3-haiku-20240307")).toBe("claude-haiku-5-5");
    expect(successorOf("openai", "gpt-6-luna")).toBeNull();
    expect(successorOf("openai", "gpt-nothing")).toBeNull();
  });

  it("follows a chain of successors to its end, and refuses a circle instead of going round for ever", () => {
    const chain: Record<string, string> = { a: "b", b: "c" };
    expect(lastSuccessor("a", (id) => chain[id] ?? null)).toBe("c");
    expect(lastSuccessor("c", (id) => chain[id] ?? null)).toBeNull();
    expect(() => lastSuccessor("a", (id) => ({ ...chain, c: "b" })[id] ?? null)).toThrow(/lead back to b/);
  });
});

describe("a provider's models", () => {
  it.each(CATALOGUE_PROVIDERS)("of %s list those that stay before those that go", (provider) => {
    const models = modelsOf(provider);
    const going = models.map((model) => model.retiredAt !== null);
    expect(going.indexOf(true)).toBe(going.filter((goes) => !goes).length);
    expect(going.lastIndexOf(false)).toBeLessThan(going.indexOf(true));
    expect(models.every((model) => model.provider === provider)).toBe(true);
  });

  it("are none where nothing is known", () => {
    expect(modelsOf("openai-compatible")).toEqual([]);
  });
});

describe("the script that makes the catalogue", () => {
  it.each([
    [0.07, 70_000], // 0.07 * 1e6 is 70000.00000000001
    [0.01875, 18_750],
    [3.125, 3_125_000],
    [180, 180_000_000],
    [0, 0],
    [0.000001, 1],
  ])("reads %d USD as %i micro-USD", (usd, micro) => {
    expect(microUsd(usd)).toBe(micro);
  });

  it.each([0.0000001, -1, Number.NaN, 1e21, 0.1234567])("refuses %d USD rather than round it", (usd) => {
    expect(() => microUsd(usd)).toThrow();
  });

  it("gives every tier all classes, also when only one class has a threshold", () => {
    const prices = {
      input_mtok: {
        base: 1,
        tiers: [
          { start: 200, price: 3 },
          { start: 100, price: 2 },
        ],
      },
      cache_read_mtok: 0.1,
      output_mtok: { base: 4, tiers: [{ start: 200, price: 8 }] },
    };
    const model = { provider: "openai" as const, id: "m", match: {}, prices: [{ constraint: undefined, prices }] };
    expect(pricesOf(model)[0]?.tiers).toEqual([
      { aboveInputTokens: 100, input: 2_000_000, cachedInput: 100_000, output: 4_000_000 },
      { aboveInputTokens: 200, input: 3_000_000, cachedInput: 100_000, output: 8_000_000 },
    ]);
  });

  it("refuses a model without a price for output", () => {
    const model = {
      provider: "openai" as const,
      id: "m",
      match: {},
      prices: [{ constraint: undefined, prices: { input_mtok: 1 } }],
    };
    expect(() => pricesOf(model)).toThrow(/no price/);
  });

  it("takes a reviewed addition back once the data has the model itself", () => {
    const own = { input_mtok: 9, output_mtok: 9 };
    const model = {
      provider: "openai" as const,
      id: "gpt-6.1-sol",
      context_window: 5000,
      match: {},
      prices: [{ constraint: undefined, prices: own }],
    };
    const found = buildCatalogue([...readSource(), model]).catalogue.filter((row) => row.id === "gpt-6.1-sol");
    expect(found.map((row) => row.prices[0]?.input)).toEqual([9_000_000]);
  });

  it("says what came, what went and what costs something else", () => {
    const [a, b] = CATALOGUE;
    if (!a || !b) return expect.fail("the catalogue is empty");
    const dearer: CatalogueModel = { ...b, prices: [{ effectiveDate: "1970-01-01", input: 1, output: 2 }] };
    const lines = changesBetween([{ ...a, id: "gone" }, b], [a, dearer]);
    expect(lines.map((line) => line.split("\n")[0])).toEqual([
      `added    openai/${a.id}`,
      "removed  openai/gone",
      `changed  openai/${b.id} prices`,
    ]);
  });
});

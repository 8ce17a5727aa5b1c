import { describe, expect, it } from "vitest";
import { CATALOGUE_PROVIDERS } from "../../../src/costs/catalogue-model.ts";
import { CATALOGUE_PRICES, priceAt, priceBook, type WorkspacePrice } from "../../../src/costs/index.ts";
import { PRICED_PROVIDERS } from "../../../src/costs/pricing-inputs.ts";
import { PROVIDERS } from "../../../src/providers/index.ts";

const NOW = Date.UTC(2026, 10, 22);

/** A price of so much, in whichever class. */
function row(model: string, input: number, { provider = "openai", from = 0 } = {}): WorkspacePrice {
  return { provider, model, from, price: { effectiveDate: new Date(from).toISOString(), input, output: input } };
}

/** What a model costs in a workspace with these prices. */
const inputAt = (rows: WorkspacePrice[], model: string, { provider = "openai", at = NOW } = {}) =>
  priceBook(rows).priceAt(provider, model, at)?.input ?? null;

it("every provider that can be called can be priced", () => {
  expect([...PRICED_PROVIDERS].toSorted()).toEqual([...PROVIDERS].toSorted());
});

describe("a workspace's price", () => {
  it("beats the catalogue's from its time on, also one that is older than the catalogue's", () => {
    expect(inputAt([row("gpt-4.1", 7, { from: NOW })], "gpt-4.1")).toBe(7);
    expect(inputAt([row("gpt-4.1", 7, { from: NOW + 1 })], "gpt-4.1")).toBe(2_000_000);
    // The catalogue's own newest price of o3 is from 2025.
    expect(inputAt([row("o3", 7, { from: 1 })], "o3")).toBe(7);
  });

  it("is the newest in effect, and of two from the same time the one written last", () => {
    const rows = [
      row("m", 1, { from: 100 }),
      row("m", 2, { from: 300 }),
      row("m", 3, { from: 200 }),
      row("m", 4, { from: 200 }),
    ];
    expect([99, 100, 199, 200, 299, 300].map((at) => inputAt(rows, "m", { at }))).toEqual([null, 1, 1, 4, 4, 2]);
  });

  it.each([
    ["openai", "gpt-4.1", "gpt-4.1-2025-04-14"],
    ["openai", "gpt-4", "gpt-4-0613"], // an alias in the catalogue
    ["openai", "gpt-9", "gpt-9-2027-01-01"], // not in the catalogue at all
    ["anthropic", "claude-3-5-sonnet", "claude-3-5-sonnet-20241022"],
    ["anthropic", "claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022"],
    ["gemini", "gemini-2.5-flash", "models/gemini-2.5-flash-001"],
    ["gemini", "models/gemini-2.5-flash", "gemini-2.5-flash"],
  ])("of %s %s is the price of %s", (provider, priced, called) => {
    expect(inputAt([row(priced, 7, { provider })], called, { provider })).toBe(7);
  });

  it.each([
    ["openai", "gpt-4.1-2025-04-14", "gpt-4.1"],
    ["openai", "gpt-4.1", "gpt-4.1-mini"],
    ["openai", "gpt-4o", "gpt-4o-2024-05-13"], // the catalogue prices this version apart
    ["anthropic", "gpt-4.1", "gpt-4.1"],
    ["openai-compatible", "gpt-9", "gpt-9-2027-01-01"], // a server's names are its own
  ])("of %s %s is not the price of %s", (provider, priced, called) => {
    const without = CATALOGUE_PRICES.priceAt("openai", called, NOW)?.input ?? null;
    expect(inputAt([row(priced, 7, { provider })], called)).toBe(without);
  });

  it("of one version beats that of all versions, wherever it is in effect", () => {
    const rows = [row("gpt-4.1", 1), row("gpt-4.1-2025-04-14", 2, { from: 100 }), row("gpt-4.1", 3, { from: 200 })];
    expect([50, 100, 250].map((at) => inputAt(rows, "gpt-4.1-2025-04-14", { at }))).toEqual([1, 2, 2]);
    expect(inputAt(rows, "gpt-4.1", { at: 250 })).toBe(3);
  });
});

describe("a book", () => {
  it("of no prices is the catalogue", () => {
    expect(CATALOGUE_PRICES.priceAt("openai", "gpt-4.1", NOW)).toEqual(priceAt("openai", "gpt-4.1", NOW));
    expect(CATALOGUE_PRICES.priceAt("openai", "gpt-nothing", NOW)).toBeNull();
  });

  it("tells from when on a model has a price", () => {
    const book = priceBook([
      row("m", 2, { from: 300 }),
      row("m", 1, { from: 100 }),
      row("m-2026-01-01", 1, { from: 50 }),
    ]);
    expect(book.pricedFrom("openai", "m")).toBe(100);
    expect(book.pricedFrom("openai", "m-2026-01-01")).toBe(50);
    expect(book.pricedFrom("openai", "gpt-4.1")).toBe(0);
    expect(book.pricedFrom("openai", "nothing")).toBeNull();
    expect(CATALOGUE_PROVIDERS.map((provider) => book.pricedFrom(provider, "m"))).toEqual([100, null, null]);
  });
});

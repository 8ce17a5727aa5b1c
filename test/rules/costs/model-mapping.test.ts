import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../../../src/costs/catalogue.generated.ts";
import { CATALOGUE_PROVIDERS } from "../../../src/costs/catalogue-model.ts";
import { counterpart, findModel, TIERS } from "../../../src/costs/index.ts";
import { MODEL_MAPPING, TIER_DEFAULTS } from "../../../src/costs/rules/model-mapping.ts";

describe("the model mapping", () => {
  it("holds the published rows word for word", () => {
    expect(MODEL_MAPPING.openai).toEqual({
      anthropic: {
        "gpt-4": "claude-3-opus-20240229",
        "gpt-4-turbo": "claude-3-5-sonnet-20241022",
        "gpt-3.5-turbo": "claude-3-haiku-20240307",
      },
      gemini: { "gpt-4": "gemini-1.5-pro", "gpt-4-turbo": "gemini-1.5-pro", "gpt-3.5-turbo": "gemini-1.5-flash" },
    });
  });

  it("names models of the catalogue only, and its keys are their ids", () => {
    for (const [from, targets] of Object.entries(MODEL_MAPPING)) {
      for (const [to, rows] of Object.entries(targets)) {
        for (const [model, target] of Object.entries(rows)) {
          expect(findModel(from, model)?.id, model).toBe(model);
          expect(findModel(to, target), target).not.toBeNull();
        }
      }
    }
  });

  it.each(CATALOGUE_PROVIDERS)("has for %s a default of each tier that stays and is of that tier", (provider) => {
    for (const tier of TIERS) {
      const model = findModel(provider, TIER_DEFAULTS[provider][tier]);
      expect(model?.id).toBe(TIER_DEFAULTS[provider][tier]);
      expect(model?.retiredAt).toBeNull();
      // Gemini sells nothing above its largest.
      const expected = provider === "gemini" && tier === "reasoning" ? "large" : tier;
      expect(model?.tier).toBe(expected);
    }
  });
});

describe("the counterpart of a model", () => {
  it.each([
    // The published rows, each replaced by what its own provider names in its place.
    ["openai", "gpt-4", "anthropic", "claude-opus-5-5"],
    ["openai", "gpt-4-0613", "anthropic", "claude-opus-5-5"],
    ["openai", "gpt-4-turbo", "anthropic", "claude-sonnet-5-5"],
    ["openai", "gpt-3.5-turbo", "anthropic", "claude-haiku-5-5"],
    ["openai", "gpt-4", "gemini", "gemini-3.8-flash"],
    ["openai", "gpt-3.5-turbo", "gemini", "gemini-3.5-flash-lite"],
    // Their inverses.
    ["anthropic", "claude-3-opus-20240229", "openai", "gpt-6.1-sol"],
    ["anthropic", "claude-3-haiku-20240307", "gemini", "gemini-3.5-flash-lite"],
    ["gemini", "gemini-1.5-flash", "openai", "gpt-6.1-terra"],
    ["gemini", "gemini-1.5-pro-002", "anthropic", "claude-sonnet-5-5"],
    // By tier.
    ["openai", "gpt-4.1-mini", "anthropic", "claude-haiku-5-5"],
    ["openai", "gpt-6.1-terra", "gemini", "gemini-3.8-flash"],
    ["anthropic", "claude-opus-5-5", "openai", "gpt-6.1-sol"],
    ["anthropic", "claude-haiku-4-5-20251001", "openai", "gpt-6-luna"],
    ["anthropic", "claude-fable-5-1", "gemini", "gemini-3.1-pro-preview"],
    ["gemini", "gemini-3.8-flash", "anthropic", "claude-sonnet-5-5"],
    ["openai", "o3", "anthropic", "claude-fable-5-1"],
    // Within a provider: itself while it stays, else its successor.
    ["openai", "gpt-4", "openai", "gpt-6.1-sol"],
    ["openai", "gpt-6-luna", "openai", "gpt-6-luna"],
    ["openai-compatible", "llama", "openai-compatible", "llama"],
  ])("%s %s at %s is %s", (from, model, to, expected) => {
    expect(counterpart(from, model, to)).toBe(expected);
  });

  it.each([
    ["openai", "gpt-nothing", "anthropic"],
    ["openai", "gpt-4.1", "openai-compatible"],
    ["openai-compatible", "gpt-4.1", "openai"],
    ["openai", "gpt-4.1", "toString"],
  ])("%s %s at %s is for the caller to name", (from, model, to) => {
    expect(counterpart(from, model, to)).toBeNull();
  });

  it("is never a model that goes, whatever it stands in for", () => {
    for (const { provider, id } of CATALOGUE) {
      for (const to of CATALOGUE_PROVIDERS) {
        const found = findModel(to, counterpart(provider, id, to) ?? "");
        expect(found, `${id} at ${to}`).toMatchObject({ provider: to, retiredAt: null });
      }
    }
  });
});

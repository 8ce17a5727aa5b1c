import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Price } from "../../../web/src/features/providers/price-queries.ts";
import { fitsPrices, pricedModels } from "../../../web/src/features/providers/priced-models.ts";
import { dollarsToMicroUsd, formatPrice, microUsdToDollars } from "../../../web/src/lib/price.ts";
import { draftOf, EMPTY_DRAFT, readDraft } from "../../../web/src/lib/price-draft.ts";

describe("a price for a million tokens", () => {
  it.each([
    ["2.50", 2_500_000],
    ["0.1", 100_000],
    ["1.005", 1_005_000],
    [".075", 75_000],
    ["15", 15_000_000],
    ["15.", 15_000_000],
    ["0", 0],
    [" $0.000001 ", 1],
    ["1000000", 1_000_000_000_000],
  ])("entered as %s is %i micro-dollars", (text, microUsd) => {
    expect(dollarsToMicroUsd(text)).toBe(microUsd);
  });

  it.each(["", ".", "-1", "1e3", "1,5", "1,000", "0.0000001", "1000000.000001", "99999999", "two"])(
    "is not read from %j",
    (text) => {
      expect(dollarsToMicroUsd(text)).toBeNull();
    },
  );

  it("comes back from the field that it was written into, whatever it is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000_000 }), (microUsd) => {
        expect(dollarsToMicroUsd(microUsdToDollars(microUsd))).toBe(microUsd);
      }),
    );
  });

  it("is shown with every digit that it has", () => {
    expect([2_500_000, 37_500, 1, 1_234_500_000, 0].map(formatPrice)).toEqual([
      "$2.50",
      "$0.0375",
      "$0.000001",
      "$1,234.50",
      "$0.00",
    ]);
  });
});

describe("prices that are typed", () => {
  it("are read class by class, and what is left empty is not priced apart", () => {
    const draft = { ...EMPTY_DRAFT, inputTokenPrice: "1.25", outputTokenPrice: "10", cachedInputTokenPrice: "0.125" };
    expect(readDraft(draft)).toEqual({
      prices: {
        inputTokenPrice: 1_250_000,
        outputTokenPrice: 10_000_000,
        cachedInputTokenPrice: 125_000,
        cacheWriteTokenPrice: null,
        cacheWrite1hTokenPrice: null,
        reasoningTokenPrice: null,
      },
      faults: {},
    });
    expect(
      draftOf({ inputTokenPrice: 1_250_000, outputTokenPrice: 10_000_000, cachedInputTokenPrice: 125_000 }),
    ).toEqual({
      ...draft,
      outputTokenPrice: "10.00",
    });
  });

  it("say which of them cannot be read, and none is taken then", () => {
    const { prices, faults } = readDraft({ ...EMPTY_DRAFT, outputTokenPrice: "1,5", reasoningTokenPrice: "much" });
    expect(prices).toBeNull();
    expect(Object.keys(faults).toSorted()).toEqual(["inputTokenPrice", "outputTokenPrice", "reasoningTokenPrice"]);
  });
});

describe("the table of prices", () => {
  const now = Date.UTC(2026, 10, 22);
  const own = (model: string, effectiveDate: string, inputTokenPrice: number): Price => ({
    id: `${model} ${effectiveDate}`,
    source: "workspace",
    provider: "openai",
    model,
    currency: "USD",
    effectiveDate,
    inputTokenPrice,
    outputTokenPrice: 1,
    createdAt: effectiveDate,
  });
  const listed = (id: string, retiredAt: string | null = null) => ({
    id,
    tier: "small",
    contextWindow: null,
    capabilities: [],
    retiredAt,
    successor: null,
    price: null,
  });
  const catalogue = [
    { provider: "openai" as const, configured: true, models: [listed("gpt-1", "2026-01-01"), listed("gpt-2")] },
  ];

  it("says of each model who has set its price, and holds those that the workspace alone knows", () => {
    const models = pricedModels(
      catalogue,
      [own("gpt-2", "2026-11-01T00:00:00.000Z", 5), own("mine", "2026-11-01", 7)],
      now,
    );
    expect(models.map(({ model, source }) => [model, source])).toEqual([
      ["mine", "workspace"],
      ["gpt-1", "catalogue"],
      ["gpt-2", "workspace"],
    ]);
  });

  it("shows the price that holds now: the newest that has begun, and of two from one day the one written last", () => {
    const rows = [
      own("mine", "2026-12-01", 4),
      own("mine", "2026-11-20", 3),
      own("mine", "2026-11-20", 2),
      own("mine", "2026-11-01", 1),
    ];
    expect(pricedModels([], rows, now)[0]?.price?.inputTokenPrice).toBe(3);
    expect(pricedModels([], rows.slice(0, 1), now)[0]?.price).toBeNull();
    expect(pricedModels(catalogue, [own("gpt-2", "2026-12-01", 4)], now)[1]?.source).toBe("catalogue");
  });

  it("leaves retired models out until they are asked for", () => {
    const shown = (search: object) =>
      pricedModels(catalogue, [], now)
        .filter((model) =>
          fitsPrices(
            model,
            { provider: undefined, q: undefined, source: undefined, retired: undefined, ...search },
            now,
          ),
        )
        .map(({ model }) => model);
    expect(shown({})).toEqual(["gpt-2"]);
    expect(shown({ retired: "shown" })).toEqual(["gpt-1", "gpt-2"]);
    expect(shown({ retired: "shown", q: " GPT-1 " })).toEqual(["gpt-1"]);
  });
});

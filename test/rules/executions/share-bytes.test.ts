import fc from "fast-check";
import { expect, it } from "vitest";
import { shareBytes } from "../../../src/executions/rules/share-bytes.ts";

const shared = (sizes: Record<string, number>, budget: number) =>
  Object.fromEntries(shareBytes(new Map(Object.entries(sizes)), budget));

it("gives one text the whole budget, and small texts all of theirs before large ones share the rest", () => {
  expect(shared({ a: 100 }, 100)).toEqual({ a: 100 });
  expect(shared({ a: 500, b: 10, c: 500 }, 100)).toEqual({ a: 45, b: 10, c: 45 });
  expect(shared({ a: Number.POSITIVE_INFINITY, b: 90 }, 100)).toEqual({ a: 50, b: 50 });
  expect(shared({}, 100)).toEqual({});
});

it("never gives out more than there is, nor cuts anything while there is enough", () => {
  const sizes = fc.dictionary(fc.string(), fc.nat(1_000));
  fc.assert(
    fc.property(sizes, fc.nat(5_000), (asked, budget) => {
      const given = Object.values(shared(asked, budget)).reduce((sum, each) => sum + each, 0);
      const wanted = Object.values(asked).reduce((sum, each) => sum + each, 0);
      expect(given).toBeLessThanOrEqual(budget);
      if (wanted <= budget) expect(shared(asked, budget)).toEqual(asked);
    }),
  );
});

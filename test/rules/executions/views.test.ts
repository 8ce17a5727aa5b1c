import { expect, it } from "vitest";
import { storedInputSchema } from "../../../src/executions/views.ts";

it("takes an input as it is stored, deep and large, and nothing that JSON does not know", () => {
  let deep: unknown = [1, "two", null, true, { three: 3 }];
  for (let depth = 0; depth < 64; depth += 1) deep = { deep };
  const stored: unknown = JSON.parse(JSON.stringify([deep, Array(200_000).fill({})]));
  expect(storedInputSchema.parse(stored)).toBe(stored);
  for (const wrong of [undefined, [undefined], { f: () => 1 }, Number.NaN, 1n]) {
    expect(storedInputSchema.safeParse(wrong).success).toBe(false);
  }
});

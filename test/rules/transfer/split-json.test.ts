import fc from "fast-check";
import { expect, test } from "vitest";
import { type JsonItem, MAX_ITEM_BYTES, splitJson } from "../../../src/transfer/rules/split-json.ts";
import { collect } from "../../support/collect.ts";

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function split(text: string, size = 7): Promise<JsonItem[]> {
  return collect(splitJson(pieces(new TextEncoder().encode(text), size)));
}

test("whatever a list holds and however it comes in, its elements come out whole", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue()),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      async (list, size, wide) => {
        const items = await split(JSON.stringify(list, null, wide ? 2 : 0), size);
        expect(items.map(({ text }) => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(list)));
        expect(items.map(({ place }) => place)).toEqual(list.map((_, place) => place));
      },
    ),
    { numRuns: 150 },
  );
});

test("a file without a list is one item", async () => {
  expect(await split('\uFEFF  {"a": [1, 2]} ')).toEqual([{ place: null, text: '{"a": [1, 2]} ' }]);
  expect(await split("")).toEqual([{ place: null, text: "" }]);
});

test("an empty list has no items, and a place that was left out is one to complain of", async () => {
  expect(await split("[ ]")).toEqual([]);
  expect((await split("[1,,2]")).map(({ text }) => text)).toEqual(["1", "", "2"]);
  expect((await split("[1,]")).map(({ text }) => text)).toEqual(["1", ""]);
});

test.each([
  ["[1, 2", "not closed"],
  ['["a]', "not closed"],
  ["[1] [2]", "something follows"],
  ["[[1]", "not closed"],
])("%s is refused: %s", async (text, reason) => {
  await expect(split(text)).rejects.toThrow(reason);
});

test("an element over 8 MB is refused before the rest is read", async () => {
  let read = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode('[1,"');
    for (; read < 1_000; read += 1) yield new Uint8Array(1024 * 1024).fill(97);
  }
  await expect(collect(splitJson(endless()))).rejects.toMatchObject({ code: "body_too_large" });
  expect(read).toBeLessThanOrEqual(MAX_ITEM_BYTES / (1024 * 1024) + 1);
});

test("a list of half a million brackets is cut in little time, and nothing recurses", async () => {
  const begun = performance.now();
  const [item] = await split(`[${"[".repeat(500_000)}${"]".repeat(500_000)}]`, 65_536);
  expect(item?.text.length).toBe(1_000_000);
  expect(performance.now() - begun).toBeLessThan(2_000);
});

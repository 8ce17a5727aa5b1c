import { expect, it } from "vitest";
import { nextKey } from "../../../web/src/lib/key-sequence.ts";

const shortcuts = [{ keys: "g w" }, { keys: "g e" }, { keys: "?" }, { keys: "w" }];
const press = (...pressed: [key: string, at: number][]) =>
  pressed.reduce<ReturnType<typeof nextKey<{ keys: string }>>>(
    ({ pending }, [key, at]) => nextKey(shortcuts, pending, { key, at }),
    { matched: null, pending: null },
  ).matched?.keys;

it("goes by two keys in a row", () => {
  expect(press(["g", 0], ["e", 400])).toBe("g e");
});

it("prefers the sequence that was begun to a shortcut of its second key", () => {
  expect(press(["g", 0], ["w", 400])).toBe("g w");
  expect(press(["w", 400])).toBe("w");
});

it("forgets a first key that nothing followed", () => {
  expect(press(["g", 0], ["e", 2_000])).toBeUndefined();
  expect(press(["g", 0], ["x", 100], ["e", 200])).toBeUndefined();
});

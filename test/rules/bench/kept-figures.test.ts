import { expect, test } from "vitest";
import { keptFigures } from "../../bench/kept-figures.ts";

const measured = {
  "chain.ms": { value: 2, unit: "ms", control: 1, ratio: 2, aim: "< 3" },
  "d1.trips": { value: 7, unit: "trips" },
};
const fresh = { "chain.ms": { value: 2, unit: "ms", control: 1, ratio: 2 }, "d1.trips": { value: 7, unit: "trips" } };

test("a run of named entries puts its figures in the place of theirs and keeps the others where they were", () => {
  const before = {
    "health.rate": { value: 9, unit: "a second", note: "kept as it is" },
    "chain.ms": { value: 5, unit: "ms", control: 5, ratio: 1 },
    startup_ms: { value: 3, unit: "ms" },
  };
  const { text, fault } = keptFigures(JSON.stringify(before), measured);
  expect(fault).toBeNull();
  expect(JSON.parse(text)).toEqual({ ...before, ...fresh });
  expect(Object.keys(JSON.parse(text))).toEqual(["health.rate", "chain.ms", "startup_ms", "d1.trips"]);
});

test("a whole run, and one without a file before it, write what they measured and nothing else", () => {
  const { text, fault } = keptFigures(null, measured);
  expect({ figures: JSON.parse(text), fault }).toEqual({ figures: fresh, fault: null });
  expect(text.endsWith("}\n")).toBe(true);
});

test.each(["", "{", "[]", "null", '{"chain.ms": 5}', '{"chain.ms": {"value": "5", "unit": "ms"}}'])(
  "a file that cannot be read (%s) costs no new figure, and is told of",
  (before) => {
    const { text, fault } = keptFigures(before, measured);
    expect(JSON.parse(text)).toEqual(fresh);
    expect(fault).toMatch(/\w/);
  },
);

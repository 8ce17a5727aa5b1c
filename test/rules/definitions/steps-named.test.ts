import fc from "fast-check";
import { expect, it } from "vitest";
import { evaluateCondition, stepsNamed, usesAllSteps } from "../../../src/definitions/index.ts";

it.each([
  ["steps.*.output", true],
  ["length(keys(steps)) > `1`", true],
  ["values($.steps)", true],
  ["@.steps | length(@)", true],
  ["steps.[a, b]", true],
  ["{all: steps}.all.a", true],
  ["to_string(@)", true],
  ["*.a.output", true],
  ["($ | @).steps.*", true],
  ["map(&$.steps, json.items)", true],
  ["json.items[?contains(keys($.steps), id)]", true],
  ["steps.a.output == steps.b.output", false],
  ['steps."my-node".json.ok', false],
  ["$ | steps.a.output", false],
  ["json.steps.*", false],
  ["json.items[?steps].id | [0]", false],
  ["contains(output, 'yes') && input.count > `3`", false],
  ["not an expression", false],
])("%s uses all steps: %s", (text, expected) => {
  expect(usesAllSteps(text)).toBe(expected);
});

it("a condition that does not use all steps gives the same with only those that it names", () => {
  const pieces = ["steps", ".a", ".*", "$", "@", "|", ".output", "keys(", ")", "[", "]", "?", "&&", "input", ".steps"];
  const piece = fc.constantFrom(...pieces, ".json", "values(", "to_string(", "{x:", "}", ",", "map(&", "*");
  const steps = { a: "one", b: '{"steps":1}', c: "three" };
  const input = { steps: { a: 1, z: 2 }, a: [1] };
  let compared = 0;
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (parts) => {
      const text = parts.join("");
      const whole = evaluateCondition(text, { input, output: "one", steps });
      if (!whole.ok || usesAllSteps(text)) return;
      compared += 1;
      const named = Object.fromEntries(Object.entries(steps).filter(([id]) => stepsNamed(text).includes(id)));
      expect(evaluateCondition(text, { input, output: "one", steps: named })).toEqual(whole);
    }),
    { numRuns: 20_000 },
  );
  expect(compared).toBeGreaterThan(100);
});

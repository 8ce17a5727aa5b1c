import { expect, test } from "vitest";
import { withinSteps } from "../../../src/executions/rules/within-steps.ts";

test("executions are taken until their steps are too many for one statement, in their order and always one", () => {
  const taken = (...steps: number[]) => withinSteps(steps.map((each) => ({ steps: each }))).length;
  expect(taken()).toBe(0);
  expect(taken(3, 3, 3)).toBe(3);
  expect(taken(500, 500, 500, 500, 1)).toBe(4);
  expect(taken(1_999, 2, 1)).toBe(1);
  expect(taken(5_000, 1)).toBe(1);
});

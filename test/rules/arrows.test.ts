import { expect, it } from "vitest";
import { checking } from "../support/arrows.ts";

const check = checking("check-arrows.ts");

it.each([
  ["executions/rules/plan.ts", 'import type { Graph } from "../../definitions/index.ts";'],
  ["executions/rules/plan.ts", 'import { type Graph, graphOf } from "../successors.ts";'],
  ["versions/rules/compare.ts", 'import type { Definition } from "../../definitions/index.ts";'],
  ["versions/rules/compare.ts", 'export type { Definition } from "../../definitions/schema.ts";'],
])("lets %s say %s", (file, statement) => {
  expect(check(file, statement)).toContain("imports follow the arrows");
});

it.each([
  ["executions/rules/plan.ts", 'import { graphOf } from "../../definitions/index.ts";', "types only"],
  ["executions/rules/plan.ts", 'import { type Graph, graphOf } from "../../definitions/index.ts";', "types only"],
  ["executions/rules/plan.ts", 'import type { Graph } from "../../definitions/rules/graph.ts";', "its index.ts"],
  ["versions/rules/compare.ts", 'import type { Engine } from "../../executions/index.ts";', "does not stand on"],
  ["definitions/rules/graph.ts", 'import type { Version } from "../../versions/index.ts";', "does not stand on"],
])("refuses that %s says %s", (file, statement, reason) => {
  expect(check(file, statement)).toContain(reason);
});

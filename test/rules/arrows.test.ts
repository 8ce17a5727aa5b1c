import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

const script = join(import.meta.dirname, "../../scripts/check-arrows.ts");

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "arrows-"));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

/** What the check says of one file with one statement in it. */
function check(file: string, statement: string): string {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), `${statement}\n`);
  const { stdout, stderr } = spawnSync(process.execPath, [script, root], { encoding: "utf8" });
  return stdout + stderr;
}

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

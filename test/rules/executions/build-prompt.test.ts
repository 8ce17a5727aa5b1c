import { expect, it } from "vitest";
import { definitionSchema, graphOf, MAX_RENDERED_BYTES, TemplateTooLarge } from "../../../src/definitions/index.ts";
import { buildPrompt } from "../../../src/executions/build-prompt.ts";

const agent = (nodeId: string) => ({ id: nodeId, nodeId, name: nodeId, role: "r", provider: "openai", model: "m" });
const node = (id: string) => ({ id, type: "agent", position: { x: 0, y: 0 } });
const { agents, ...rest } = definitionSchema.parse({
  nodes: ["a", "b", "c"].map(node),
  edges: [
    { id: "e1", source: "a", target: "c" },
    { id: "e2", source: "b", target: "c" },
  ],
  agents: ["a", "b", "c"].map(agent),
});
const graph = graphOf({ agents, ...rest });

function prompt(nodeId: string, input: unknown, outputs: Record<string, string>): string {
  const own = graph.agentOf.get(nodeId);
  if (!own) throw new Error(`no agent on ${nodeId}`);
  return buildPrompt(graph, own, { input, outputs: new Map(Object.entries(outputs)) });
}

it("refuses a prompt that predecessors' outputs make larger than any template may become", () => {
  const half = "x".repeat(MAX_RENDERED_BYTES / 2);
  expect(() => prompt("c", null, { a: half, b: half })).toThrow(TemplateTooLarge);
  expect(() => prompt("c", null, { a: "€".repeat(MAX_RENDERED_BYTES / 3 + 1) })).toThrow(TemplateTooLarge);
  expect(prompt("c", null, { a: `${half}${half}` })).toHaveLength(MAX_RENDERED_BYTES);
});

it("does not let a deep input grow by its indentation", () => {
  let deep: unknown = Array(100_000).fill(1);
  for (let depth = 0; depth < 60; depth += 1) deep = [deep];
  expect(prompt("a", deep, {}).length).toBeLessThan(250_000);
  expect(prompt("a", { short: true }, {})).toBe('{\n  "short": true\n}');
});

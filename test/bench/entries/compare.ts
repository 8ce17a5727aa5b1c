import type { Definition } from "../../../src/definitions/index.ts";
import { compareDefinitions } from "../../../src/versions/rules/compare-definitions.ts";
import { graphOf } from "../../support/workflows.ts";
import { compared, type Figures, repeat } from "../figure.ts";

const NODES = 500;
const TIMES = 50;
const ROUNDS = 15;

/**
 * How long it takes to compare two definitions of 500 nodes, a tenth of whose agents were changed, a tenth of the nodes
 * moved and ten replaced. The control writes both of them as JSON, which sending them takes at the least.
 */
export async function compare(): Promise<Figures> {
  const [before, after] = [definition("Write a page on {{input}}."), changed(definition("Write a page on {{input}}."))];
  const { summary } = compareDefinitions(before, after);
  if (summary.agentsModified !== NODES / 10 || summary.nodesMoved !== NODES / 10 || summary.nodesAdded !== 10) {
    throw new Error(`What was to be measured is another comparison: ${JSON.stringify(summary)}`);
  }
  const measure = async () => ({
    value: timeOf(() => compareDefinitions(before, after)),
    control: timeOf(() => JSON.stringify(before).length + JSON.stringify(after).length),
  });
  // The first round compiles both.
  await measure();
  return { "compare.500_nodes_ms": compared(await repeat(ROUNDS, measure), "ms") };
}

function definition(prompt: string): Definition {
  const edges = Array.from({ length: NODES - 1 }, (_, index) => `n${index}>n${index + 1}`);
  const graph = graphOf(edges);
  return { ...graph, agents: graph.agents.map((agent) => ({ ...agent, prompt })) };
}

function changed(definition: Definition): Definition {
  const everyTenth = (index: number) => index % 10 === 0;
  return {
    ...definition,
    nodes: definition.nodes.map((node, index) => {
      if (everyTenth(index)) return { ...node, position: { x: node.position.x, y: 50 } };
      return index % 50 === 1 ? { ...node, id: `new-${node.id}` } : node;
    }),
    agents: definition.agents.map((agent, index) =>
      everyTenth(index) ? { ...agent, prompt: "Write two pages on {{input}}." } : agent,
    ),
  };
}

/** Milliseconds of one call, over many. */
function timeOf(call: () => unknown): number {
  const beganAt = performance.now();
  for (let time = 0; time < TIMES; time += 1) call();
  return (performance.now() - beganAt) / TIMES;
}

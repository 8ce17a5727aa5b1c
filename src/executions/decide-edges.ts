import { evaluateCondition, type Graph, stepsNamed } from "../definitions/index.ts";

/** What an edge's condition sees besides the step's own output. */
interface ConditionScope {
  input: unknown;
  outputs: ReadonlyMap<string, string>;
}

/** The outgoing edges that are taken, or the edge whose condition could not be evaluated. */
export type EdgeDecision = { ok: true; taken: string[] } | { ok: false; edgeId: string; message: string };

/** The nodes whose outputs the conditions behind a node look at, itself left out. */
export function outputsNeededByEdges(graph: Graph, nodeId: string): string[] {
  const named = (graph.outgoing.get(nodeId) ?? []).flatMap((edge) =>
    edge.condition === undefined ? [] : stepsNamed(edge.condition),
  );
  return [...new Set(named)].filter((name) => name !== nodeId);
}

/** Decides which outgoing edges of a step that succeeded are taken. An edge without a condition always is. */
export function decideEdges(graph: Graph, nodeId: string, output: string, scope: ConditionScope): EdgeDecision {
  const steps = new Map([...scope.outputs, [nodeId, output]]);
  const taken: string[] = [];
  for (const edge of graph.outgoing.get(nodeId) ?? []) {
    if (edge.condition === undefined) {
      taken.push(edge.id);
      continue;
    }
    const result = evaluateCondition(edge.condition, { input: scope.input, output, steps });
    if (!result.ok) return { ok: false, edgeId: edge.id, message: result.message };
    if (result.taken) taken.push(edge.id);
  }
  return { ok: true, taken };
}

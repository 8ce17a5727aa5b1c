import { ancestorsIn, evaluateCondition, type Graph, stepsNamed, usesAllSteps } from "../definitions/index.ts";

/** What an edge's condition sees besides the step's own output. */
interface ConditionScope {
  input: unknown;
  outputs: ReadonlyMap<string, string>;
}

/** The outgoing edges that are taken, or the edge whose condition could not be evaluated. */
export type EdgeDecision = { ok: true; taken: string[] } | { ok: false; edgeId: string; message: string };

/**
 * The nodes whose outputs the conditions behind a node look at, itself left out: the ancestors that they name, or all
 * of them where a condition uses `steps` as a whole.
 */
export function outputsNeededByEdges(graph: Graph, nodeId: string): string[] {
  const conditions = conditionsBehind(graph, nodeId);
  if (conditions.length === 0) return [];
  const ancestors = ancestorsIn(graph, nodeId);
  ancestors.delete(nodeId);
  if (conditions.some(usesAllSteps)) return [...ancestors];
  return [...new Set(conditions.flatMap(stepsNamed))].filter((name) => ancestors.has(name));
}

/** Whether deciding a node's edges takes its output at all. */
export function hasConditions(graph: Graph, nodeId: string): boolean {
  return conditionsBehind(graph, nodeId).length > 0;
}

function conditionsBehind(graph: Graph, nodeId: string): string[] {
  return (graph.outgoing.get(nodeId) ?? []).flatMap(({ condition }) => condition ?? []);
}

/**
 * Decides which outgoing edges of a step that succeeded are taken. An edge without a condition always is. Conditions
 * see the outputs that they need and no others, so that whatever else is at hand leads to the same branches.
 */
export function decideEdges(graph: Graph, nodeId: string, output: string, scope: ConditionScope): EdgeDecision {
  const steps = new Map([[nodeId, output]]);
  for (const needed of outputsNeededByEdges(graph, nodeId)) {
    const text = scope.outputs.get(needed);
    if (text !== undefined) steps.set(needed, text);
  }
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

import type { GraphSource } from "../../graph/index.ts";
import { nameOfNode } from "./draft.ts";

type Edges = Pick<GraphSource, "edges">;

/** The nodes from which edges lead to this one, directly or not: those that have ended before it runs. */
export function ancestorsOf({ edges }: Edges, nodeId: string): Set<string> {
  const sources = Map.groupBy(edges, ({ target }) => target);
  const found = new Set<string>();
  const open = [nodeId];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const { source } of sources.get(id) ?? []) {
      if (found.has(source)) continue;
      found.add(source);
      open.push(source);
    }
  }
  return found;
}

/** Why no edge may lead from one node to another, in words for people; null when it may. */
export function refusalOf(graph: Pick<GraphSource, "edges" | "agents">, source: string, target: string): string | null {
  const [from, to] = [nameOfNode(graph, source), nameOfNode(graph, target)];
  if (source === target) return `${from} cannot lead to itself: an agent runs once in an execution.`;
  if (graph.edges.some((edge) => edge.source === source && edge.target === target)) {
    return `An edge already leads from ${from} to ${to}.`;
  }
  if (ancestorsOf(graph, source).has(target)) {
    return `${from} already waits for ${to}: with this edge each would wait for the other, and neither would run.`;
  }
  return null;
}

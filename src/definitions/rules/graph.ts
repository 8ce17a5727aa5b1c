import type { Agent, Definition, Edge } from "../inputs.ts";

/** The parts of a definition that make its graph. */
export type GraphSource = Pick<Definition, "nodes" | "edges" | "agents">;

/** A definition's graph, indexed. Edges that lead from or to a node that does not exist are left out. */
export interface Graph {
  /** Node ids with every edge pointing forward; `null` when there is a cycle. See {@link topologicalOrder}. */
  order: string[] | null;
  /** By node id, for every node; edges in the order of the definition. */
  incoming: ReadonlyMap<string, readonly Edge[]>;
  outgoing: ReadonlyMap<string, readonly Edge[]>;
  /** Nodes without incoming edges, in the order of the definition. */
  roots: string[];
  /** The first agent of each node that has one. */
  agentOf: ReadonlyMap<string, Agent>;
}

/** Indexes a definition's graph in linear time. Total: an invalid draft has a graph too. */
export function graphOf(definition: GraphSource): Graph {
  const incoming = new Map<string, Edge[]>(definition.nodes.map((node) => [node.id, []]));
  const outgoing = new Map<string, Edge[]>(definition.nodes.map((node) => [node.id, []]));
  for (const edge of definition.edges) {
    const leaving = outgoing.get(edge.source);
    const arriving = incoming.get(edge.target);
    if (leaving === undefined || arriving === undefined) continue;
    leaving.push(edge);
    arriving.push(edge);
  }
  const agentOf = new Map<string, Agent>();
  for (const agent of definition.agents) if (!agentOf.has(agent.nodeId)) agentOf.set(agent.nodeId, agent);
  const ids = [...incoming.keys()];
  const roots = ids.filter((id) => incoming.get(id)?.length === 0);
  return { order: orderOf(ids, incoming, outgoing, roots), incoming, outgoing, roots, agentOf };
}

/**
 * Node ids so that every edge points forward, or `null` when there is a cycle. Nodes are sorted by the length of the
 * longest way to them and then by their place in the definition, so the order of the edges does not matter.
 */
export function topologicalOrder(definition: GraphSource): string[] | null {
  return graphOf(definition).order;
}

/**
 * The ids of all nodes from which edges lead to this one, directly or not. The node itself is among them only when it
 * stands on a cycle. Give the graph when it is at hand, to spare indexing the definition again.
 */
export function ancestorsOf(
  definition: GraphSource,
  nodeId: string,
  graph: Pick<Graph, "incoming"> = graphOf(definition),
): Set<string> {
  return ancestorsIn(graph, nodeId);
}

/** Like {@link ancestorsOf}, for those who have the graph alone. */
export function ancestorsIn(graph: Pick<Graph, "incoming">, nodeId: string): Set<string> {
  const found = new Set<string>();
  const open = [nodeId];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const { source } of graph.incoming.get(id) ?? []) {
      if (found.has(source)) continue;
      found.add(source);
      open.push(source);
    }
  }
  return found;
}

/** Kahn's algorithm, then sorted into levels. Loops only: a chain of 500 nodes must not deepen the stack. */
function orderOf(
  ids: readonly string[],
  incoming: ReadonlyMap<string, readonly Edge[]>,
  outgoing: ReadonlyMap<string, readonly Edge[]>,
  roots: readonly string[],
): string[] | null {
  const waiting = new Map(ids.map((id) => [id, incoming.get(id)?.length ?? 0]));
  const level = new Map(ids.map((id) => [id, 0]));
  const ready = [...roots];
  // The list grows while it is walked: iterating over it goes on with what was appended.
  for (const id of ready) {
    const next = (level.get(id) ?? 0) + 1;
    for (const { target } of outgoing.get(id) ?? []) {
      level.set(target, Math.max(level.get(target) ?? 0, next));
      const left = (waiting.get(target) ?? 0) - 1;
      waiting.set(target, left);
      if (left === 0) ready.push(target);
    }
  }
  if (ready.length < ids.length) return null;
  const levels: string[][] = [];
  for (const id of ids) {
    const depth = level.get(id) ?? 0;
    const sameLevel = levels[depth];
    if (sameLevel === undefined) levels[depth] = [id];
    else sameLevel.push(id);
  }
  return levels.flat();
}

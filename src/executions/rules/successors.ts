import type { Graph } from "../../definitions/index.ts";

/** What the end of a step means for the steps behind it. */
export interface SuccessorEffects {
  /** By direct successor: how many of its incoming edges are settled now, and how many of these were taken. */
  direct: { nodeId: string; settled: number; taken: number }[];
  /**
   * Steps that may have lost their last way to run, sources before targets: everything behind an edge that was not
   * taken. `from` are the sources, among these candidates, of the edges that lead to it, one entry an edge.
   * Which of them are skipped depends on other branches and is decided in the database.
   */
  candidates: { nodeId: string; from: string[] }[];
}

/** The effects of a step's end when the outgoing edges in `takenEdgeIds` were taken and all others were not. */
export function successorEffects(graph: Graph, nodeId: string, takenEdgeIds: ReadonlySet<string>): SuccessorEffects {
  const direct = new Map<string, { nodeId: string; settled: number; taken: number }>();
  const doubtful: string[] = [];
  for (const edge of graph.outgoing.get(nodeId) ?? []) {
    const effect = direct.get(edge.target) ?? { nodeId: edge.target, settled: 0, taken: 0 };
    effect.settled += 1;
    if (takenEdgeIds.has(edge.id)) effect.taken += 1;
    else doubtful.push(edge.target);
    direct.set(edge.target, effect);
  }
  return { direct: [...direct.values()], candidates: candidatesFrom(graph, doubtful) };
}

function candidatesFrom(graph: Graph, starts: readonly string[]): SuccessorEffects["candidates"] {
  const reached = new Set(starts);
  // The set grows while it is walked: iterating over it goes on with what was added.
  for (const nodeId of reached) {
    for (const edge of graph.outgoing.get(nodeId) ?? []) reached.add(edge.target);
  }
  return (graph.order ?? [])
    .filter((nodeId) => reached.has(nodeId))
    .map((nodeId) => ({
      nodeId,
      from: (graph.incoming.get(nodeId) ?? []).map((edge) => edge.source).filter((source) => reached.has(source)),
    }));
}

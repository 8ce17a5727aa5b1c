import type { GraphSource, Position } from "./types.ts";

/** Where the nodes of a graph stand best, by id. Loads what computes it when it is first asked. */
export async function autoLayout(graph: Pick<GraphSource, "nodes" | "edges">): Promise<Map<string, Position>> {
  const { layoutGraph } = await import("./layout.ts");
  return layoutGraph(graph);
}

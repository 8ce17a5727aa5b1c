import { Graph, layout } from "@dagrejs/dagre";
import { CARD, GRID } from "./card-size.ts";
import type { GraphSource, Position } from "./types.ts";

const BETWEEN_COLUMNS = 96;
/** A column is further away when the edges that lead to it show conditions. */
const BETWEEN_COLUMNS_WITH_CONDITIONS = 200;
const BETWEEN_ROWS = 40;

/**
 * Where the nodes of a graph stand when nobody put them anywhere: in columns from left to right, so that edges lead
 * forward and cross little. On the grid, beginning at 0,0. The same graph always comes out the same, one with a cycle too.
 */
export function layoutGraph({ nodes, edges }: Pick<GraphSource, "nodes" | "edges">): Map<string, Position> {
  const conditions = edges.some(({ condition }) => condition !== undefined);
  const graph = new Graph().setGraph({
    rankdir: "LR",
    ranksep: conditions ? BETWEEN_COLUMNS_WITH_CONDITIONS : BETWEEN_COLUMNS,
    nodesep: BETWEEN_ROWS,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of nodes) graph.setNode(id, { ...CARD });
  for (const { source, target } of edges) {
    // dagre would make a node of an end that there is not.
    if (graph.hasNode(source) && graph.hasNode(target) && source !== target) graph.setEdge(source, target);
  }
  layout(graph);
  // dagre tells the middle of a node.
  const corners = nodes.map(({ id }) => {
    const { x = 0, y = 0 } = graph.node(id);
    return { id, x: x - CARD.width / 2, y: y - CARD.height / 2 };
  });
  const left = Math.min(...corners.map(({ x }) => x));
  const top = Math.min(...corners.map(({ y }) => y));
  return new Map(corners.map(({ id, x, y }) => [id, { x: onGrid(x - left), y: onGrid(y - top) }]));
}

function onGrid(place: number): number {
  return Math.round(place / GRID) * GRID;
}

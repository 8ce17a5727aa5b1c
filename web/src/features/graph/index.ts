/**
 * The canvas that shows a graph of agents: a draft in the editor, a version in a comparison, an execution as it runs.
 * `<GraphCanvas label="Graph of ..." graph={workflow} marks={{ [nodeId]: { status: "running" } }} />`
 */
export { autoLayout } from "./auto-layout.ts";
export { CARD, GRID } from "./card-size.ts";
export { GraphCanvas } from "./graph-canvas.tsx";
export { GraphPlace } from "./graph-place.tsx";
export { clearPosition } from "./overlaps.ts";
export { ReadableGraph } from "./readable-graph.tsx";
export type {
  Agent,
  CanvasEditing,
  CanvasHandle,
  DiffMark,
  EdgeMark,
  FaultMark,
  GraphEdge,
  GraphNode,
  GraphSource,
  NodeMark,
  Position,
  Selection,
} from "./types.ts";

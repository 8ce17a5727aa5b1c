import type { InferResponseType } from "hono/client";
import type { client } from "../../api/client.ts";
import type { Status } from "../../ui/index.ts";

type Workflow = InferResponseType<(typeof client.api.workflows)[":id"]["$get"], 200>;

/** What a graph is drawn from: a draft's or a version's, or the union of two of them. */
export type GraphSource = Pick<Workflow, "nodes" | "edges" | "agents">;
export type GraphNode = GraphSource["nodes"][number];
export type GraphEdge = GraphSource["edges"][number];
export type Agent = GraphSource["agents"][number];
export type Position = GraphNode["position"];

/** What a comparison says of a node or an edge. A removed one is drawn as a ghost. */
export type DiffMark = "added" | "removed" | "changed";

/** What validation says of a node or an edge. */
export interface FaultMark {
  level: "error" | "warning";
  message: string;
}

/** What is drawn on a node besides its agent. */
export interface NodeMark {
  /** Of its step, in the execution that is shown or in the last one. */
  status?: Status | undefined;
  /** Null while it is not known. */
  durationMs?: number | null | undefined;
  /** Null is unpriced. */
  costNanoUsd?: number | null | undefined;
  diff?: DiffMark | undefined;
  fault?: FaultMark | undefined;
}

/** What is drawn on an edge besides its condition. */
export interface EdgeMark {
  /** How an execution went along it: `running` leads to a step that is under way. */
  run?: "taken" | "running" | "skipped" | undefined;
  diff?: DiffMark | undefined;
  fault?: FaultMark | undefined;
}

/** Ids of what is selected. */
export interface Selection {
  nodes: readonly string[];
  edges: readonly string[];
}

/** What can be done to a graph on the canvas. Without it, the canvas is only looked at. */
export interface CanvasEditing {
  /** Nodes were put elsewhere, all at once: by dragging, or with the arrow keys. */
  onMove: (positions: ReadonlyMap<string, Position>) => void;
  /** Whether an edge may lead from one node to the other; shown while it is drawn. */
  mayConnect: (source: string, target: string) => boolean;
  /** An edge was drawn, also one that may not be: say why. */
  onConnect: (source: string, target: string) => void;
  /** An edge was drawn to where there is nothing yet. */
  onConnectToNew: (source: string, position: Position) => void;
  /** The empty canvas was double-clicked. */
  onAdd: (position: Position) => void;
}

/** Moves the view of a canvas. Get it by `ref`. */
export interface CanvasHandle {
  /** Shows the whole graph. */
  fit: () => void;
  /** Brings one node into the middle. */
  show: (nodeId: string) => void;
  /** The middle of what is seen, where something new is put. */
  middle: () => Position;
}

import {
  Background,
  type Connection,
  Controls,
  type EdgeChange,
  type FinalConnectionState,
  MiniMap,
  type NodeChange,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore,
} from "@xyflow/react";
import { type MouseEvent, type ReactNode, type Ref, useImperativeHandle, useMemo, useRef, useState } from "react";
import { useStable } from "../../ui/index.ts";
import { AgentCard } from "./agent-card.tsx";
import { CARD, GRID } from "./card-size.ts";
import { ConditionEdge } from "./condition-edge.tsx";
import { type CardNode, type ConditionEdge as ConditionEdgeType, cardNodes, conditionEdges } from "./flow-elements.ts";
import type { CanvasEditing, CanvasHandle, EdgeMark, GraphSource, NodeMark, Position, Selection } from "./types.ts";
import { useFitOnResize } from "./use-fit-on-resize.ts";
import { sameEdge, sameNode, useReused } from "./use-reused.ts";
import { useSelectionChanges } from "./use-selection-changes.ts";

import "@xyflow/react/dist/base.css";
import "./graph.css";

export interface CanvasProps {
  /** What the graph is of, for those who do not see it: "Graph of Short article". */
  label: string;
  graph: GraphSource;
  /** By node id. */
  marks?: Readonly<Record<string, NodeMark>>;
  /** By edge id. */
  edgeMarks?: Readonly<Record<string, EdgeMark>>;
  selection?: Selection;
  /** Without it nothing can be selected. */
  onSelect?: (selection: Selection) => void;
  /** A node or an edge was clicked. */
  onOpen?: () => void;
  /** Without it the graph can be looked at only. */
  editing?: CanvasEditing | undefined;
  /** CSS height. */
  height?: string;
  ref?: Ref<CanvasHandle>;
  /** Drawn over the canvas, such as an empty state. */
  children?: ReactNode;
}

const NODE_TYPES = { agent: AgentCard };
const EDGE_TYPES = { condition: ConditionEdge };
const NONE: Selection = { nodes: [], edges: [] };
const NO_MARKS = {};
const FIT = { padding: 0.12, maxZoom: 1 };
const SNAP: [number, number] = [GRID, GRID];
/** Held while clicking. */
const ADDS_TO_SELECTION = ["Shift", "Control", "Meta"];
const MOVE_MS = 200;
const OVERVIEW = { width: 160, height: 112 };
/** A graph of this many nodes that is only looked at fits into sight: an overview would cover it. */
const SEEN_WHOLE = 16;
const LEAST_READABLE = 0.6;
/** Of more nodes than these nothing moves by itself: without a GPU each frame of it draws the whole graph again. */
const MOST_MOVING = 50;
/** Below this zoom no text of a card can be read: what is left of it is its state, as a colour. */
const FAR = 0.3;
const WORDS = {
  "node.a11yDescription.default": "Enter selects it.",
  "node.a11yDescription.keyboardDisabled": "Enter selects it, the arrow keys move it when it is selected.",
  "edge.a11yDescription.default": "Enter selects it.",
  "minimap.ariaLabel": "Overview of the graph",
  "controls.ariaLabel": "View",
  "controls.fitView.ariaLabel": "Show the whole graph",
};

/** A graph of agents on a canvas that can be moved and zoomed, and edited when `editing` is given. */
export default function Canvas(props: CanvasProps) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  );
}

function Flow(props: CanvasProps) {
  const { label, graph, marks = NO_MARKS, edgeMarks = NO_MARKS, selection = NONE, editing, children } = props;
  const flow = useReactFlow();
  const far = useStore(({ transform: [, , zoom] }) => zoom < FAR);
  const frame = useRef<HTMLElement>(null);
  useFitOnResize(frame, FIT, editing === undefined);
  useImperativeHandle(props.ref, () => ({
    fit: () => void flow.fitView({ ...FIT, duration: MOVE_MS }),
    show: (id) => {
      const { x, y } = flow.getNode(id)?.position ?? { x: 0, y: 0 };
      const zoom = Math.max(flow.getZoom(), LEAST_READABLE);
      void flow.setCenter(x + CARD.width / 2, y + CARD.height / 2, { zoom, duration: MOVE_MS });
    },
    middle: () => {
      const { left = 0, top = 0, width = 0, height = 0 } = frame.current?.getBoundingClientRect() ?? {};
      return cornerAt(flow.screenToFlowPosition({ x: left + width / 2, y: top + height / 2 }));
    },
  }));

  // Where nodes are while they are dragged; the graph learns of it once they are dropped.
  const [dragged, setDragged] = useState<ReadonlyMap<string, Position>>(new Map());
  const drawn = useMemo(() => cardNodes(graph, marks, selection), [graph, marks, selection]);
  const settled = useReused(drawn, sameNode);
  const nodes = useMemo(() => {
    if (dragged.size === 0) return settled;
    // What is not dragged stays the same object, and is not drawn again with each step of the pointer.
    return settled.map((node) => {
      const position = dragged.get(node.id);
      return position ? { ...node, position } : node;
    });
  }, [settled, dragged]);
  const joined = useMemo(() => conditionEdges(graph, edgeMarks, selection), [graph, edgeMarks, selection]);
  const edges = useReused(joined, sameEdge);
  const changeSelection = useSelectionChanges(selection, props.onSelect);

  const onNodesChange = useStable((changes: NodeChange<CardNode>[]) => {
    changeSelection("nodes", changes);
    const moves = changes.flatMap((change) =>
      change.type === "position" && change.position ? [{ ...change, position: change.position }] : [],
    );
    if (moves.length === 0 || !editing) return;
    const positions = new Map(moves.map(({ id, position }) => [id, position]));
    if (moves.some(({ dragging }) => dragging)) {
      setDragged(positions);
      return;
    }
    setDragged(new Map());
    editing.onMove(positions);
  });
  const onConnectEnd = useStable((event: globalThis.MouseEvent | TouchEvent, state: FinalConnectionState) => {
    const { fromNode, fromHandle, toNode, isValid } = state;
    if (!editing || !fromNode || isValid) return;
    const forward = fromHandle?.type !== "target";
    const { clientX: x, clientY: y } =
      "changedTouches" in event ? (event.changedTouches[0] ?? { clientX: 0, clientY: 0 }) : event;
    // Anywhere on a card will do; React Flow only knows of the small handles.
    const under = document.elementFromPoint(x, y);
    const other = toNode?.id ?? under?.closest(".react-flow__node")?.getAttribute("data-id");
    if (other !== undefined && other !== null) {
      if (forward) editing.onConnect(fromNode.id, other);
      else editing.onConnect(other, fromNode.id);
    } else if (forward && under?.closest(".react-flow__pane")) {
      const place = flow.screenToFlowPosition({ x, y });
      editing.onConnectToNew(fromNode.id, { x: onGrid(place.x), y: onGrid(place.y - CARD.height / 2) });
    }
  });
  const onEdgesChange = useStable((changes: EdgeChange<ConditionEdgeType>[]) => changeSelection("edges", changes));
  const onConnect = useStable(({ source, target }: Connection) => editing?.onConnect(source, target));
  const isValidConnection = useStable(
    ({ source, target }: Connection | ConditionEdgeType) => editing?.mayConnect(source, target) ?? false,
  );
  const onOpen = useStable(() => props.onOpen?.());
  const onNodeClick = useStable((event: MouseEvent, { id }: CardNode) => {
    // React Flow keeps what is selected with it, for a drag that did not come.
    const alone = !event.shiftKey && !event.ctrlKey && !event.metaKey;
    if (alone && selection.nodes.length + selection.edges.length > 1) props.onSelect?.({ nodes: [id], edges: [] });
    props.onOpen?.();
  });
  const onDoubleClick = (event: MouseEvent) => {
    const onPane = event.target instanceof Element && event.target.classList.contains("react-flow__pane");
    if (onPane) editing?.onAdd(cornerAt(flow.screenToFlowPosition({ x: event.clientX, y: event.clientY })));
  };

  return (
    <section
      className="sw-graph"
      data-far={far}
      data-still={graph.nodes.length > MOST_MOVING}
      aria-label={label}
      ref={frame}
      onDoubleClick={onDoubleClick}
    >
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onNodesChange={onNodesChange}
        onEdgesChange={onEdgesChange}
        onNodeClick={onNodeClick}
        onEdgeClick={onOpen}
        onConnect={onConnect}
        onConnectEnd={onConnectEnd}
        isValidConnection={isValidConnection}
        nodesDraggable={editing !== undefined}
        nodesConnectable={editing !== undefined}
        elementsSelectable={props.onSelect !== undefined}
        nodesFocusable
        edgesFocusable={props.onSelect !== undefined}
        // The editor has a key for it that knows of dialogs and can be undone.
        deleteKeyCode={null}
        multiSelectionKeyCode={ADDS_TO_SELECTION}
        connectionRadius={40}
        snapToGrid
        snapGrid={SNAP}
        fitView
        fitViewOptions={FIT}
        minZoom={0.1}
        maxZoom={2}
        zoomOnDoubleClick={false}
        // A graph that is one part of a page must not keep the page from scrolling.
        panOnScroll={editing !== undefined}
        zoomOnScroll={false}
        preventScrolling={editing !== undefined}
        defaultMarkerColor={null}
        ariaLabelConfig={WORDS}
      >
        <Background gap={GRID * 2} size={1} />
        <Controls showInteractive={false} position="bottom-left" fitViewOptions={{ ...FIT, duration: MOVE_MS }} />
        {graph.nodes.length > (editing ? 0 : SEEN_WHOLE) && (
          <MiniMap pannable zoomable nodeBorderRadius={12} style={OVERVIEW} />
        )}
        {children}
      </ReactFlow>
    </section>
  );
}

/** Where a card stands whose middle is here. */
function cornerAt({ x, y }: Position): Position {
  return { x: onGrid(x - CARD.width / 2), y: onGrid(y - CARD.height / 2) };
}

function onGrid(place: number): number {
  return Math.round(place / GRID) * GRID;
}

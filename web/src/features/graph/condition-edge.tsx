import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from "@xyflow/react";
import { CARD } from "./card-size.ts";
import { FaultIcon } from "./fault-icon.tsx";
import { type ConditionEdge as ConditionEdgeType, edgeColor } from "./flow-elements.ts";

/** How much (px) a label leaves free between two cards, and how narrow it may become. */
const LABEL_ASIDE = 24;
const LABEL_HEIGHT = 24;
const LEAST_LABEL = 48;
const MOST_LABEL = 168;

/** An edge with the condition under which it is taken. */
export function ConditionEdge(props: EdgeProps<ConditionEdgeType>) {
  const { id, data, selected = false, markerEnd, style } = props;
  const [path, labelX, labelY] = getBezierPath(props);
  const { condition, mark } = data ?? {};
  // Between two cards that stand side by side there is only so much room: the label's ends would lie behind them.
  const beside = Math.abs(props.targetY - props.sourceY) < CARD.height + LABEL_HEIGHT && props.targetX > props.sourceX;
  const maxWidth = beside
    ? Math.min(MOST_LABEL, Math.max(LEAST_LABEL, props.targetX - props.sourceX - LABEL_ASIDE))
    : MOST_LABEL;
  const dash = mark?.diff === "removed" || mark?.run === "skipped" ? { strokeDasharray: "4 4" } : {};
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        interactionWidth={24}
        className={mark?.run === "running" ? "sw-edge-path sw-edge-running" : "sw-edge-path"}
        style={{ ...style, ...dash, stroke: edgeColor(mark, selected) }}
        {...(markerEnd === undefined ? {} : { markerEnd })}
      />
      {(condition !== undefined || mark?.fault) && (
        <EdgeLabelRenderer>
          <div
            className="sw-edge-label"
            data-selected={selected}
            data-diff={mark?.diff}
            title={condition}
            style={{ transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)`, maxWidth }}
          >
            {mark?.fault && <FaultIcon fault={mark.fault} />}
            {condition !== undefined && <span className="sw-mono">{condition}</span>}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
}

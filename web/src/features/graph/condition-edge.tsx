import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from "@xyflow/react";
import { FaultIcon } from "./fault-icon.tsx";
import { type ConditionEdge as ConditionEdgeType, edgeColor } from "./flow-elements.ts";

/** An edge with the condition under which it is taken. */
export function ConditionEdge(props: EdgeProps<ConditionEdgeType>) {
  const { id, data, selected = false, markerEnd, style } = props;
  const [path, labelX, labelY] = getBezierPath(props);
  const { condition, mark } = data ?? {};
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
            style={{ transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)` }}
          >
            {mark?.fault && <FaultIcon fault={mark.fault} />}
            {condition !== undefined && <span className="sw-mono">{condition}</span>}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
}

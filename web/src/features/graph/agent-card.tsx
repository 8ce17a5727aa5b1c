import { Handle, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import { Duration, ModelChip, Money, meaningOf, StatusBadge } from "../../ui/index.ts";
import { FaultIcon } from "./fault-icon.tsx";
import type { CardNode } from "./flow-elements.ts";

const DIFF_WORDS = { added: "Added", removed: "Removed", changed: "Changed" };

/** One node: its agent's name and model, and under them its state, duration and cost, or its role where nothing ran. */
function Card({ data: { agent, mark }, selected, isConnectable }: NodeProps<CardNode>) {
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={isConnectable} />
      <div
        className="sw-card"
        data-selected={selected}
        data-diff={mark?.diff}
        data-run={mark?.status && meaningOf(mark.status)}
        data-fault={mark?.fault?.level}
      >
        {mark?.diff && <span className="sw-card-diff">{DIFF_WORDS[mark.diff]}</span>}
        <div className="sw-card-row">
          <b title={agent?.name}>{agent?.name ?? "No agent"}</b>
          {mark?.fault && <FaultIcon fault={mark.fault} />}
        </div>
        <div className="sw-card-row">{agent && <ModelChip provider={agent.provider} model={agent.model} />}</div>
        <div className="sw-card-row sw-card-foot">
          {mark?.status ? <StatusBadge status={mark.status} /> : <span title={agent?.role}>{agent?.role}</span>}
          <span className="sw-card-numbers">
            {mark?.durationMs !== undefined && <Duration ms={mark.durationMs} />}
            {mark?.costNanoUsd !== undefined && <Money nanoUsd={mark.costNanoUsd} />}
          </span>
        </div>
      </div>
      <Handle type="source" position={Position.Right} isConnectable={isConnectable} />
    </>
  );
}

/** Drawn again only when what it shows is another: see `useReused`. */
export const AgentCard = memo(
  Card,
  (before, after) =>
    before.data === after.data && before.selected === after.selected && before.isConnectable === after.isConnectable,
);

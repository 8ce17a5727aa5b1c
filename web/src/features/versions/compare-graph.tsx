import { type EdgeMark, type NodeMark, ReadableGraph } from "../graph/index.ts";
import { type PartChange, unionOf } from "./changes.ts";
import type { Definition } from "./queries.ts";

interface CompareGraphProps {
  label: string;
  before: Definition;
  after: Definition;
  changes: readonly PartChange[];
  /** The node whose changes are looked at. */
  selected: string | undefined;
  onSelect: (nodeId: string | undefined) => void;
}

/** Both sides' graph in one: what was added, removed and changed is marked, and a node opens what differs in it. */
export function CompareGraph({ label, before, after, changes, selected, onSelect }: CompareGraphProps) {
  const marks: Record<string, NodeMark> = {};
  const edgeMarks: Record<string, EdgeMark> = {};
  for (const { what, id, kind } of changes) {
    if (kind === "moved") continue;
    if (what === "agent") marks[id] = { diff: kind };
    if (what === "edge") edgeMarks[id] = { diff: kind };
  }
  return (
    <ReadableGraph
      label={label}
      height="336px"
      graph={unionOf(before, after)}
      marks={marks}
      edgeMarks={edgeMarks}
      selection={{ nodes: selected === undefined ? [] : [selected], edges: [] }}
      onSelect={({ nodes }) => onSelect(nodes.at(-1))}
    />
  );
}

import type { EdgeMark, FaultMark, NodeMark } from "../../graph/index.ts";
import { type Draft, nameOfNode } from "./draft.ts";

/** A finding of the API on a definition: `path` as in `agents[1].prompt`. */
export interface Finding {
  path: string;
  message: string;
}

/** A finding with its place in the draft that it was made on. */
export interface Fault extends FaultMark {
  /** Where it is, in words: "Facts, prompt". */
  place: string;
  nodeId: string | null;
  edgeId: string | null;
  /** Below the agent, edge or settings: `prompt`, `fallback.targets[0].provider`. Empty for the thing itself. */
  field: string;
}

/** Finds what a finding is about. `draft` is the one that was looked at: places are told by position in it. */
export function faultIn(draft: Draft, { path, message }: Finding, level: FaultMark["level"]): Fault {
  const [, list = "", index = "", field = ""] = /^(\w+)(?:\[(\d+)\])?\.?(.*)$/.exec(path) ?? [];
  const found = { level, message, field, nodeId: null, edgeId: null };
  const at = Number(index);
  if (index !== "" && list === "agents") {
    const agent = draft.agents[at];
    if (agent) return { ...found, nodeId: agent.nodeId, place: joined(agent.name, field) };
  }
  if (index !== "" && list === "nodes") {
    const node = draft.nodes[at];
    if (node) return { ...found, nodeId: node.id, place: nameOfNode(draft, node.id) };
  }
  if (index !== "" && list === "edges") {
    const edge = draft.edges[at];
    const way = edge && `${nameOfNode(draft, edge.source)} → ${nameOfNode(draft, edge.target)}`;
    if (edge && way) return { ...found, edgeId: edge.id, place: joined(way, field) };
  }
  return { ...found, field: joined(list, field, "."), place: joined("Workflow", list === "nodes" ? "" : list) };
}

/** What is drawn on nodes and edges: of several faults of one the first error, else the first warning. */
export function faultMarks(faults: readonly Fault[]) {
  const nodes: Record<string, NodeMark> = {};
  const edges: Record<string, EdgeMark> = {};
  const errorsFirst = faults.toSorted((one, other) => Number(one.level !== "error") - Number(other.level !== "error"));
  for (const { nodeId, edgeId, level, message } of errorsFirst) {
    const mark = { fault: { level, message } };
    if (nodeId !== null) nodes[nodeId] ??= mark;
    if (edgeId !== null) edges[edgeId] ??= mark;
  }
  return { nodes, edges };
}

/** What is said under one field: its faults and those of what is inside it. */
export function faultText(faults: readonly Fault[], field: string): string | undefined {
  const own = faults.filter((fault) => fault.level === "error" && isIn(fault.field, field));
  return own.length === 0 ? undefined : own.map(({ message }) => message).join("\n");
}

function isIn(field: string, outer: string): boolean {
  return field === outer || field.startsWith(`${outer}.`) || field.startsWith(`${outer}[`);
}

function joined(first: string, second: string, by = ", "): string {
  return [first, second].filter((part) => part !== "").join(by);
}

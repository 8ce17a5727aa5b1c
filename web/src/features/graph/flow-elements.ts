import { type Edge, MarkerType, type Node } from "@xyflow/react";
import { formatDuration } from "../../lib/duration.ts";
import { formatMoney } from "../../lib/money.ts";
import { providerName } from "../../ui/index.ts";
import { CARD } from "./card-size.ts";
import type { Agent, EdgeMark, GraphSource, NodeMark, Selection } from "./types.ts";

export type CardNode = Node<{ agent: Agent | undefined; mark: NodeMark | undefined }, "agent">;
export type ConditionEdge = Edge<{ condition: string | undefined; mark: EdgeMark | undefined }, "condition">;

const RUN_COLORS = { taken: "var(--sw-succeeded)", running: "var(--sw-running)", skipped: "var(--sw-line)" };
const DIFF_COLORS = { added: "var(--sw-succeeded)", removed: "var(--sw-failed)", changed: "var(--sw-waiting)" };

/** The graph's nodes as React Flow wants them. */
export function cardNodes(
  { nodes, agents }: GraphSource,
  marks: Readonly<Record<string, NodeMark>>,
  selection: Selection,
): CardNode[] {
  const agentOf = new Map(agents.map((agent) => [agent.nodeId, agent]));
  const selected = new Set(selection.nodes);
  return nodes.map(({ id, position }) => {
    const [agent, mark] = [agentOf.get(id), marks[id]];
    return {
      id,
      type: "agent",
      position,
      ...CARD,
      selected: selected.has(id),
      ariaLabel: nodeText(id, agent, mark),
      data: { agent, mark },
    };
  });
}

/** The graph's edges as React Flow wants them; one whose end is missing cannot be drawn. */
export function conditionEdges(
  { nodes, edges, agents }: GraphSource,
  marks: Readonly<Record<string, EdgeMark>>,
  selection: Selection,
): ConditionEdge[] {
  const ends = new Set(nodes.map(({ id }) => id));
  const names = new Map(agents.map(({ nodeId, name }) => [nodeId, name]));
  const selected = new Set(selection.edges);
  return edges
    .filter(({ source, target }) => ends.has(source) && ends.has(target))
    .map(({ id, source, target, condition }) => {
      const mark = marks[id];
      const isSelected = selected.has(id);
      const when = condition === undefined ? "" : `, if ${condition}`;
      const fault = mark?.fault ? `, ${mark.fault.message}` : "";
      return {
        id,
        type: "condition",
        source,
        target,
        selected: isSelected,
        ariaLabel: `Edge from ${names.get(source) ?? source} to ${names.get(target) ?? target}${when}${fault}`,
        markerEnd: { type: MarkerType.ArrowClosed, color: edgeColor(mark, isSelected), width: 18, height: 18 },
        data: { condition, mark },
      };
    });
}

/** The colour of an edge's line and its arrow. */
export function edgeColor(mark: EdgeMark | undefined, selected: boolean): string {
  if (selected) return "var(--sw-accent)";
  if (mark?.fault?.level === "error") return "var(--sw-failed)";
  if (mark?.diff) return DIFF_COLORS[mark.diff];
  return mark?.run ? RUN_COLORS[mark.run] : "var(--sw-edge)";
}

/** What a card shows, for those who hear it. */
function nodeText(id: string, agent: Agent | undefined, mark: NodeMark | undefined): string {
  const parts = agent ? [agent.name, agent.role, `${providerName(agent.provider)} ${agent.model}`] : [id, "no agent"];
  if (mark?.diff) parts.push(mark.diff);
  if (mark?.status) parts.push(mark.status);
  if (typeof mark?.durationMs === "number") parts.push(formatDuration(mark.durationMs));
  if (typeof mark?.costNanoUsd === "number") parts.push(formatMoney(mark.costNanoUsd));
  if (mark?.fault) parts.push(`${mark.fault.level}: ${mark.fault.message}`);
  return parts.join(", ");
}

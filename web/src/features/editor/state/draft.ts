import type { GraphSource, Selection } from "../../graph/index.ts";
import type { Workflow } from "../../workflows/index.ts";

/** What the editor edits: everything of a workflow that a save replaces. Never changed in place. */
export type Draft = Pick<Workflow, "name" | "description" | "nodes" | "edges" | "agents" | "settings">;
export type Agent = Draft["agents"][number];
export type Edge = Draft["edges"][number];
export type Fallback = NonNullable<Agent["fallback"]>;
export type Settings = Draft["settings"];

export const NOTHING_SELECTED: Selection = { nodes: [], edges: [] };

/** The draft of a workflow as the API answered it. */
export function draftOf({ name, description, nodes, edges, agents, settings }: Workflow): Draft {
  return { name, description, nodes, edges, agents, settings };
}

/** The agent of a node; undefined for a node that lost its own. */
export function agentAt({ agents }: Pick<GraphSource, "agents">, nodeId: string): Agent | undefined {
  return agents.find((agent) => agent.nodeId === nodeId);
}

/** What people call a node: its agent's name. */
export function nameOfNode(draft: Pick<GraphSource, "agents">, nodeId: string): string {
  return agentAt(draft, nodeId)?.name ?? nodeId;
}

import type { Position, Selection } from "../../graph/index.ts";
import type { Agent, Draft, Edge } from "./draft.ts";
import { newId } from "./ids.ts";

/** A provider and one of its models. */
export interface Target {
  provider: string;
  model: string;
}

/** An agent of a new node, for the caller to name and fill in. */
export interface NewAgent {
  position: Position;
  target: Target;
  /** The node that leads to it, if any. */
  from?: string | undefined;
}

/** How far right, and down, something is put that would lie on something else. */
const ASIDE = 32;

/**
 * Adds an agent on a node of its own. Answers the node's id too. It has no prompt: then it is given the input, and once
 * something leads to it the outputs of that.
 */
export function withNewAgent(draft: Draft, { position, target, from }: NewAgent, letters: () => string) {
  const nodeId = newId("agent", idsOf(draft), letters);
  const agent: Agent = {
    id: nodeId,
    nodeId,
    name: freeName(draft),
    role: "worker",
    ...target,
    temperature: 0.7,
    maxTokens: 1_024,
    capabilities: [],
  };
  const node = { id: nodeId, type: "agent" as const, position: freePosition(draft, position) };
  const grown = { ...draft, nodes: [...draft.nodes, node], agents: [...draft.agents, agent] };
  return { draft: from === undefined ? grown : withEdge(grown, from, nodeId, letters), nodeId };
}

/** Adds an edge. Whether it may be there is `refusalOf`'s to say. */
export function withEdge(draft: Draft, source: string, target: string, letters: () => string): Draft {
  const edge = { id: newId("edge", idsOf(draft), letters), source, target };
  return { ...draft, edges: [...draft.edges, edge] };
}

/** Puts nodes elsewhere. */
export function withPositions(draft: Draft, positions: ReadonlyMap<string, Position>): Draft {
  const nodes = draft.nodes.map((node) => {
    const position = positions.get(node.id);
    return position ? { ...node, position } : node;
  });
  return { ...draft, nodes };
}

/** Removes nodes with their agents and edges, and edges. */
export function without(draft: Draft, { nodes, edges }: Selection): Draft {
  const goneNodes = new Set(nodes);
  const goneEdges = new Set(edges);
  return {
    ...draft,
    nodes: draft.nodes.filter(({ id }) => !goneNodes.has(id)),
    agents: draft.agents.filter(({ nodeId }) => !goneNodes.has(nodeId)),
    edges: draft.edges.filter(
      ({ id, source, target }) => !goneEdges.has(id) && !goneNodes.has(source) && !goneNodes.has(target),
    ),
  };
}

/** Changes fields of an agent. */
export function withAgent(draft: Draft, agentId: string, change: Partial<Agent>): Draft {
  return { ...draft, agents: draft.agents.map((agent) => (agent.id === agentId ? { ...agent, ...change } : agent)) };
}

/** Changes fields of an edge. */
export function withEdgeChange(draft: Draft, edgeId: string, change: Pick<Edge, "condition">): Draft {
  return { ...draft, edges: draft.edges.map((edge) => (edge.id === edgeId ? { ...edge, ...change } : edge)) };
}

/** Every id of a draft, of whatever it is. */
export function idsOf({ nodes, edges, agents }: Draft): Set<string> {
  return new Set([...nodes, ...edges, ...agents].map(({ id }) => id));
}

/** This place, or the next one aside where no other node stands. */
export function freePosition({ nodes }: Pick<Draft, "nodes">, wished: Position): Position {
  const taken = new Set(nodes.map(({ position: { x, y } }) => `${x} ${y}`));
  let { x, y } = wished;
  while (taken.has(`${x} ${y}`)) {
    x += ASIDE;
    y += ASIDE;
  }
  return { x, y };
}

function freeName({ agents }: Draft): string {
  const taken = new Set(agents.map(({ name }) => name));
  let number = agents.length + 1;
  while (taken.has(`Agent ${number}`)) number += 1;
  return `Agent ${number}`;
}

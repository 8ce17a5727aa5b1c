import type { GraphSource, Selection } from "../../graph/index.ts";
import type { Draft } from "./draft.ts";
import { freePosition, idsOf } from "./edits.ts";
import { newId } from "./ids.ts";

/** What was copied: nodes with their agents, and the edges between them. */
export type Clip = GraphSource;

const ASIDE = 32;

/** Copies the selected nodes. Null when none is selected: an edge alone leads nowhere. */
export function clipOf(draft: Draft, selection: Selection): Clip | null {
  const ids = new Set(selection.nodes);
  if (ids.size === 0) return null;
  return {
    nodes: draft.nodes.filter(({ id }) => ids.has(id)),
    agents: draft.agents.filter(({ nodeId }) => ids.has(nodeId)),
    edges: draft.edges.filter(({ source, target }) => ids.has(source) && ids.has(target)),
  };
}

/**
 * Adds a copy of what was copied, a little aside, under new ids. Where a prompt or a condition names a step that was
 * copied with it, it names the copy afterwards. Answers what was added.
 */
export function withPasted(draft: Draft, clip: Clip, letters: () => string): { draft: Draft; added: Selection } {
  const taken = idsOf(draft);
  const fresh = (prefix: string) => {
    const id = newId(prefix, taken, letters);
    taken.add(id);
    return id;
  };
  const nodeIds = new Map(clip.nodes.map(({ id }) => [id, fresh("agent")]));
  const renamed = (id: string) => nodeIds.get(id) ?? id;
  const [corner] = clip.nodes;
  const place = corner ? freePosition(draft, { x: corner.position.x + ASIDE, y: corner.position.y + ASIDE }) : null;
  const shift = corner && place ? { x: place.x - corner.position.x, y: place.y - corner.position.y } : { x: 0, y: 0 };
  const nodes = clip.nodes.map((node) => ({
    ...node,
    id: renamed(node.id),
    position: { x: node.position.x + shift.x, y: node.position.y + shift.y },
  }));
  const agents = clip.agents.map((agent) => ({
    ...agent,
    id: renamed(agent.nodeId),
    nodeId: renamed(agent.nodeId),
    ...(agent.prompt === undefined ? {} : { prompt: withRenamedSteps(agent.prompt, nodeIds) }),
  }));
  const edges = clip.edges.map((edge) => ({
    ...edge,
    id: fresh("edge"),
    source: renamed(edge.source),
    target: renamed(edge.target),
    ...(edge.condition === undefined ? {} : { condition: withRenamedSteps(edge.condition, nodeIds) }),
  }));
  return {
    draft: {
      ...draft,
      nodes: [...draft.nodes, ...nodes],
      agents: [...draft.agents, ...agents],
      edges: [...draft.edges, ...edges],
    },
    added: { nodes: nodes.map(({ id }) => id), edges: edges.map(({ id }) => id) },
  };
}

/** `steps.ID` in prompts, and `steps."ID"` too in conditions. */
function withRenamedSteps(text: string, ids: ReadonlyMap<string, string>): string {
  return text.replace(/\bsteps\.("?)([A-Za-z0-9_-]+)\1/g, (found, quote: string, id: string) => {
    const renamed = ids.get(id);
    return renamed === undefined ? found : `steps.${quote}${renamed}${quote}`;
  });
}

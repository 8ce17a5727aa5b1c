import type { Definition } from "../inputs.ts";
import { findCycles } from "./cycles.ts";
import type { Findings } from "./findings.ts";
import type { Graph } from "./graph.ts";

const NAMES_SHOWN = 20;

/** Checks that edges join nodes and lead nowhere in circles. */
export function checkEdges(definition: Definition, graph: Graph, { errors, warnings }: Findings): void {
  const pairs = new Map<string, number>();
  definition.edges.forEach((edge, index) => {
    const path = `edges[${index}]`;
    for (const end of ["source", "target"] as const) {
      if (graph.incoming.has(edge[end])) continue;
      const message = `There is no node "${edge[end]}". Connect the edge to a node or remove it.`;
      errors.push({ code: "dangling_edge", path: `${path}.${end}`, message });
    }
    if (edge.source === edge.target) {
      const message = `The edge leads from "${edge.source}" to itself. A node runs once: remove the edge.`;
      errors.push({ code: "self_loop", path, message });
    }
    const pair = `${edge.source} ${edge.target}`;
    const first = pairs.get(pair);
    if (first === undefined) pairs.set(pair, index);
    else {
      const message = `edges[${first}] already leads from "${edge.source}" to "${edge.target}".`;
      warnings.push({ code: "duplicate_edge", path, message });
    }
  });
  const indexOf = new Map(definition.edges.map((edge, index) => [edge, index]));
  for (const cycle of findCycles(graph)) {
    const last = cycle.at(-1);
    const path = last === undefined ? "edges" : `edges[${indexOf.get(last)}]`;
    const message = `These nodes wait for each other: ${wayText(cycle.map((edge) => edge.source))}. Remove an edge between them.`;
    errors.push({ code: "cycle", path, message });
  }
}

/** Checks that nodes and agents belong to each other one to one. */
export function checkNodes(definition: Definition, graph: Graph, { errors, warnings }: Findings): void {
  if (definition.nodes.length === 0) {
    errors.push({ code: "empty_workflow", path: "nodes", message: "The workflow has no nodes. Add an agent." });
  }
  definition.nodes.forEach(({ id }, index) => {
    const path = `nodes[${index}]`;
    if (!graph.agentOf.has(id)) {
      const message = `The node "${id}" has no agent. Give it one or remove it.`;
      errors.push({ code: "node_without_agent", path, message });
    }
    const alone = graph.incoming.get(id)?.length === 0 && graph.outgoing.get(id)?.length === 0;
    if (alone && definition.nodes.length > 1) {
      const message = `The node "${id}" is connected to no other: it runs on its own, on the workflow's input.`;
      warnings.push({ code: "isolated_node", path, message });
    }
  });
  definition.agents.forEach((agent, index) => {
    const path = `agents[${index}].nodeId`;
    const holder = graph.agentOf.get(agent.nodeId);
    if (!graph.incoming.has(agent.nodeId)) {
      const message = `There is no node "${agent.nodeId}". Put the agent on a node or remove it.`;
      errors.push({ code: "agent_without_node", path, message });
    } else if (holder !== undefined && holder !== agent) {
      const message = `The node "${agent.nodeId}" already has the agent "${holder.id}". A node has one agent.`;
      errors.push({ code: "duplicate_agent", path, message });
    }
  });
}

function wayText(ids: readonly string[]): string {
  const shown = ids.length > NAMES_SHOWN ? [...ids.slice(0, NAMES_SHOWN), `... (${ids.length} nodes)`] : ids;
  return [...shown, ...ids.slice(0, 1)].map((id) => (id.startsWith("...") ? id : `"${id}"`)).join(" -> ");
}

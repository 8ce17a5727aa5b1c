import type { Graph } from "../../definitions/index.ts";

/** A step as it is first written. */
export interface PlannedStep {
  nodeId: string;
  agentId: string;
  name: string;
  provider: string;
  model: string;
  /** Place in the topological order. */
  position: number;
  status: "ready" | "pending";
  /** Incoming edges whose source has not ended: all of them at the start. */
  waiting: number;
}

/**
 * The steps of a new execution: one a node, those without incoming edges ready.
 * The graph must be valid (acyclic, an agent on every node); nodes without an agent are left out.
 */
export function planSteps(graph: Graph): PlannedStep[] {
  return (graph.order ?? []).flatMap((nodeId, position) => {
    const agent = graph.agentOf.get(nodeId);
    if (!agent) return [];
    const waiting = graph.incoming.get(nodeId)?.length ?? 0;
    return {
      nodeId,
      agentId: agent.id,
      name: agent.name,
      provider: agent.provider,
      model: agent.model,
      position,
      status: waiting === 0 ? ("ready" as const) : ("pending" as const),
      waiting,
    };
  });
}

import type { Graph } from "../../definitions/index.ts";

export interface RetriedStep {
  nodeId: string;
  position: number;
  /** `succeeded` is taken over from the earlier execution. */
  status: "succeeded" | "skipped" | "ready" | "pending";
  waiting: number;
  taken: number;
  /** Outgoing edges that are taken: known of a step that is taken over. */
  edgesTaken: readonly string[];
}

/**
 * One step of a retry, given those before it in topological order: it waits for what runs again, is skipped when
 * nothing leads to it, and is taken over (`succeeded`, its edges still to be decided) when it can be reused and all
 * that it was made from is taken over too.
 *
 * @param reusable whether it succeeded before, with the agent and the incoming edges that it has now
 */
export function planRetriedStep(
  graph: Graph,
  nodeId: string,
  planned: ReadonlyMap<string, RetriedStep>,
  reusable: boolean,
): RetriedStep {
  const incoming = graph.incoming.get(nodeId) ?? [];
  let waiting = 0;
  let taken = 0;
  for (const edge of incoming) {
    const source = planned.get(edge.source);
    if (source?.status === "ready" || source?.status === "pending") waiting += 1;
    else if (source?.edgesTaken.includes(edge.id)) taken += 1;
  }
  const status = statusOf(incoming.length, waiting, taken, reusable);
  return { nodeId, position: planned.size, status, waiting, taken, edgesTaken: [] };
}

function statusOf(incoming: number, waiting: number, taken: number, reusable: boolean): RetriedStep["status"] {
  if (waiting > 0) return "pending";
  if (incoming > 0 && taken === 0) return "skipped";
  return reusable ? "succeeded" : "ready";
}

import type { Graph } from "../graph.ts";

/** What is known of a step of the execution that is retried. */
export interface EarlierStep {
  succeeded: boolean;
  /** Whether the agent and the edges that lead to it are the same in the version that runs now. */
  unchanged: boolean;
  /** Outgoing edges that are taken given its output, by the conditions of the version that runs now. */
  edgesTaken: readonly string[];
}

export interface RetriedStep {
  nodeId: string;
  position: number;
  /** `succeeded` is taken over from the earlier execution. */
  status: "succeeded" | "skipped" | "ready" | "pending";
  waiting: number;
  taken: number;
}

/**
 * The steps of a retry: what succeeded before is taken over, as long as all that it was made from is too; what was
 * not led to is skipped again; everything else runs.
 */
export function planRetry(graph: Graph, earlier: ReadonlyMap<string, EarlierStep>): RetriedStep[] {
  const planned = new Map<string, RetriedStep>();
  (graph.order ?? []).forEach((nodeId, position) => {
    const incoming = graph.incoming.get(nodeId) ?? [];
    let waiting = 0;
    let taken = 0;
    for (const edge of incoming) {
      const status = planned.get(edge.source)?.status;
      if (status === "ready" || status === "pending") waiting += 1;
      else if (status === "succeeded" && earlier.get(edge.source)?.edgesTaken.includes(edge.id)) taken += 1;
    }
    planned.set(nodeId, {
      nodeId,
      position,
      waiting,
      taken,
      status: statusOf(incoming.length, waiting, taken, earlier.get(nodeId)),
    });
  });
  return [...planned.values()];
}

function statusOf(
  incoming: number,
  waiting: number,
  taken: number,
  before: EarlierStep | undefined,
): RetriedStep["status"] {
  if (waiting > 0) return "pending";
  if (incoming > 0 && taken === 0) return "skipped";
  return before?.succeeded && before.unchanged ? "succeeded" : "ready";
}

import type { EdgeMark, GraphSource, NodeMark } from "../graph/index.ts";
import type { ExecutionDetail, Step } from "./queries.ts";

const ENDED: ReadonlySet<Step["status"]> = new Set(["succeeded", "failed", "cancelled"]);

/** What each node shows of its step: its state, and once it has ended what it took. */
export function nodeMarks(steps: ExecutionDetail["steps"]): Record<string, NodeMark> {
  return Object.fromEntries(steps.map((step) => [step.nodeId, markOf(step)]));
}

function markOf(step: Step): NodeMark {
  const { status, startedAt, completedAt, reused, costNanoUsd } = step;
  if (!ENDED.has(status)) return { status };
  // What was taken over took its time in an earlier execution.
  const took =
    startedAt === null || completedAt === null || reused ? null : Date.parse(completedAt) - Date.parse(startedAt);
  // An event tells the end of a step before its cost is known: nothing is said then, and not that it cost nothing.
  const known = costNanoUsd !== 0 || step.inputTokens + step.outputTokens > 0;
  return { status, ...(known ? { costNanoUsd } : {}), ...(took === null ? {} : { durationMs: Math.max(0, took) }) };
}

/**
 * How the execution went along each edge: taken by what has ended, leading to what runs now, or left aside. An edge whose
 * source has not ended says nothing yet.
 */
export function edgeMarks(edges: GraphSource["edges"], steps: ExecutionDetail["steps"]): Record<string, EdgeMark> {
  const stepOf = new Map(steps.map((step) => [step.nodeId, step]));
  const marks: Record<string, EdgeMark> = {};
  for (const { id, source, target } of edges) {
    const [from, to] = [stepOf.get(source), stepOf.get(target)];
    if (!from || !to) continue;
    const run = runOf(id, from, to);
    if (run !== undefined) marks[id] = { run };
  }
  return marks;
}

function runOf(edgeId: string, from: Step, to: Step): EdgeMark["run"] {
  if (from.status === "failed" || from.status === "skipped" || from.status === "cancelled") return "skipped";
  if (from.status !== "succeeded") return undefined;
  // Until the execution is asked for again, an event has told the end of a step and not where it led.
  const taken = from.edgesTaken === null ? began(to) : from.edgesTaken.includes(edgeId);
  if (!taken) return to.status === "pending" && from.edgesTaken === null ? undefined : "skipped";
  return to.status === "running" ? "running" : "taken";
}

/** Whether something led to a step. */
function began({ status, startedAt }: Step): boolean {
  return startedAt !== null || status === "ready" || status === "running";
}

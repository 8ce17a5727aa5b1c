import { and, eq } from "drizzle-orm";
import type { Ctx } from "../db/context.ts";
import { type Agent, type Definition, type Edge, type Graph, graphOf } from "../definitions/index.ts";
import { decideEdges } from "./decide-edges.ts";
import type { Engine } from "./engine.ts";
import { outputText } from "./outputs.ts";
import type { EarlierStep } from "./rules/plan-retry.ts";
import { steps } from "./schema.ts";

/** A step that succeeded in the execution that is retried. */
export interface FinishedStep {
  output: string;
  outputKey: string | null;
  provider: string;
  model: string;
  startedAt: number | null;
}

/** The steps of an execution that succeeded, by node, with their outputs. */
export async function finishedSteps(
  ctx: Ctx,
  engine: Pick<Engine, "outputs">,
  executionId: string,
): Promise<Map<string, FinishedStep>> {
  const rows = await ctx.db.orm
    .select()
    .from(steps)
    .where(
      and(eq(steps.workspaceId, ctx.workspaceId), eq(steps.executionId, executionId), eq(steps.status, "succeeded")),
    );
  const finished = new Map<string, FinishedStep>();
  for (const row of rows) {
    finished.set(row.nodeId, {
      output: await outputText(engine, { output: row.output, output_key: row.outputKey }),
      outputKey: row.outputKey,
      provider: row.provider ?? "",
      model: row.model ?? "",
      startedAt: row.startedAt,
    });
  }
  return finished;
}

/** What of an earlier execution holds under the definition that runs now. The edges taken are decided anew, by its conditions. */
export function earlierSteps(
  finished: ReadonlyMap<string, FinishedStep>,
  ran: Definition,
  runs: Definition,
  input: unknown,
): Map<string, EarlierStep> {
  const before = graphOf(ran);
  const now = graphOf(runs);
  const outputs = new Map([...finished].map(([nodeId, step]) => [nodeId, step.output]));
  const earlier = new Map<string, EarlierStep>();
  for (const [nodeId, step] of finished) {
    const edges = decideEdges(now, nodeId, step.output, { input, outputs });
    const unchanged = isUnchanged(nodeId, before, now) && edges.ok;
    earlier.set(nodeId, { succeeded: true, unchanged, edgesTaken: edges.ok ? edges.taken : [] });
  }
  return earlier;
}

function isUnchanged(nodeId: string, before: Graph, now: Graph): boolean {
  const then = before.agentOf.get(nodeId);
  const today = now.agentOf.get(nodeId);
  if (!then || !today || agentText(then) !== agentText(today)) return false;
  return edgesText(before.incoming.get(nodeId)) === edgesText(now.incoming.get(nodeId));
}

/** Schemas give every definition the same order of fields, so that equal agents have equal texts. */
function agentText(agent: Agent): string {
  return JSON.stringify(agent);
}

function edgesText(edges: readonly Edge[] = []): string {
  return JSON.stringify(edges.map(({ source, condition }) => [source, condition ?? null]).toSorted());
}

import { and, eq } from "drizzle-orm";
import type { Ctx } from "../db/context.ts";
import { type Agent, ancestorsIn, type Definition, type Edge, type Graph, graphOf } from "../definitions/index.ts";
import { decideEdges, type EdgeDecision, hasConditions, outputsNeededByEdges } from "./decide-edges.ts";
import type { Engine } from "./engine.ts";
import { Outputs } from "./outputs.ts";
import { planRetriedStep, type RetriedStep } from "./rules/plan-retry.ts";
import { steps } from "./schema.ts";

/** A step that succeeded in the execution that is retried. */
export interface FinishedStep {
  outputKey: string | null;
  provider: string;
  model: string;
  startedAt: number | null;
}

/** The steps of an execution that succeeded, by node. Their outputs stay where they are. */
export async function finishedSteps(ctx: Ctx, executionId: string): Promise<Map<string, FinishedStep>> {
  const rows = await ctx.db.orm
    .select({
      nodeId: steps.nodeId,
      outputKey: steps.outputKey,
      provider: steps.provider,
      model: steps.model,
      startedAt: steps.startedAt,
    })
    .from(steps)
    .where(
      and(eq(steps.workspaceId, ctx.workspaceId), eq(steps.executionId, executionId), eq(steps.status, "succeeded")),
    );
  return new Map(
    rows.map(({ nodeId, outputKey, provider, model, startedAt }) => [
      nodeId,
      { outputKey, provider: provider ?? "", model: model ?? "", startedAt },
    ]),
  );
}

interface Earlier {
  executionId: string;
  finished: ReadonlyMap<string, FinishedStep>;
  /** What the execution ran. */
  ran: Definition;
  input: unknown;
}

/**
 * The steps of a retry: what succeeded before is taken over as long as all that it was made from is too; what was not
 * led to is skipped again; everything else runs. The edges taken are decided anew, by the conditions of the definition
 * that runs now, which see what they would see in a live run.
 */
export async function planRetry(
  ctx: Ctx,
  engine: Pick<Engine, "db" | "outputs">,
  earlier: Earlier,
  runs: Definition,
): Promise<RetriedStep[]> {
  const before = graphOf(earlier.ran);
  const now = graphOf(runs);
  const outputs = new Outputs();
  const planned = new Map<string, RetriedStep>();
  for (const nodeId of now.order ?? []) {
    const reusable =
      earlier.finished.has(nodeId) && isUnchanged(nodeId, before, now) && !hasLost(nodeId, now, earlier, planned);
    const step = planRetriedStep(now, nodeId, planned, reusable);
    if (step.status !== "succeeded") {
      planned.set(nodeId, step);
      continue;
    }
    const decision = await decide(ctx, engine, earlier, now, nodeId, outputs);
    // Run again, the step may answer something that its edges' conditions can work with.
    planned.set(nodeId, decision.ok ? { ...step, edgesTaken: decision.taken } : { ...step, status: "ready" });
  }
  return [...planned.values()];
}

async function decide(
  ctx: Ctx,
  engine: Pick<Engine, "db" | "outputs">,
  { executionId, input }: Earlier,
  graph: Graph,
  nodeId: string,
  outputs: Outputs,
): Promise<EdgeDecision | { ok: false }> {
  if (!hasConditions(graph, nodeId)) return decideEdges(graph, nodeId, "", { input, outputs: new Map() });
  const execution = { workspaceId: ctx.workspaceId, executionId };
  const found = await outputs.of(engine, execution, [nodeId, ...outputsNeededByEdges(graph, nodeId)]);
  if (found === null) return { ok: false };
  return decideEdges(graph, nodeId, found.get(nodeId) ?? "", { input, outputs: found });
}

/** Whether a step that ran before this one, and may have fed its prompt, is skipped now. */
function hasLost(
  nodeId: string,
  graph: Graph,
  { finished }: Earlier,
  planned: ReadonlyMap<string, RetriedStep>,
): boolean {
  return [...ancestorsIn(graph, nodeId)].some((id) => finished.has(id) && planned.get(id)?.status === "skipped");
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

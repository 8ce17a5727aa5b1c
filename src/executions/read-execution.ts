import { and, asc, eq, getTableColumns, sql } from "drizzle-orm";
import { z } from "zod";
import { DomainError } from "../core/errors.ts";
import { executionCosts } from "../costs/schema.ts";
import type { Ctx } from "../db/context.ts";
import type { Engine } from "./engine.ts";
import type { ExecutionDetail, StepView } from "./inputs.ts";
import { attempts, executions, steps } from "./schema.ts";
import { type ShownOutput, shownOutputs } from "./shown-outputs.ts";
import { executionView, stepView, storedErrorSchema, storedInputSchema } from "./views.ts";

/** The columns of a step without its text, which may be large: of that its bytes. */
const { output: outputColumn, ...stepColumns } = getTableColumns(steps);
const inlineBytes = sql<number>`coalesce(octet_length(${outputColumn}), 0)`.as("inline_bytes");

/** The row of an execution of the workspace. Throws `execution_not_found`. */
export async function readExecution(ctx: Ctx, executionId: string) {
  const [row] = await ctx.db.orm.select().from(executions).where(ofExecution(ctx, executionId));
  if (!row) throw notFound();
  return row;
}

/**
 * An execution with its steps, their outputs and what they cost. Outputs that are too large for one answer are cut, and
 * say so. Costs are summed from the ledger, so that those are
 * counted too that came in after a step had ended. Throws `execution_not_found`.
 */
export async function getExecution(
  ctx: Ctx,
  engine: Pick<Engine, "outputs">,
  executionId: string,
): Promise<ExecutionDetail> {
  const { orm } = ctx.db;
  const [[row], stepRows, costs, tries] = await orm.batch([
    orm.select().from(executions).where(ofExecution(ctx, executionId)),
    orm
      .select({ ...stepColumns, inlineBytes })
      .from(steps)
      .where(and(eq(steps.workspaceId, ctx.workspaceId), eq(steps.executionId, executionId)))
      .orderBy(asc(steps.position)),
    orm
      .select({
        nodeId: executionCosts.nodeId,
        costNanoUsd: sql<number | null>`sum(${executionCosts.costNanoUsd})`.as("cost"),
        inputTokens: sql<number>`sum(${executionCosts.inputTokens})`.as("input"),
        outputTokens: sql<number>`sum(${executionCosts.outputTokens})`.as("output"),
      })
      .from(executionCosts)
      .where(and(eq(executionCosts.workspaceId, ctx.workspaceId), eq(executionCosts.executionId, executionId)))
      .groupBy(executionCosts.nodeId),
    orm
      .select({ nodeId: attempts.nodeId, count: sql<number>`count(*)`.as("count") })
      .from(attempts)
      .where(and(eq(attempts.workspaceId, ctx.workspaceId), eq(attempts.executionId, executionId)))
      .groupBy(attempts.nodeId),
  ]);
  if (!row) throw notFound();
  const outputs = await shownOutputs(
    ctx,
    engine,
    executionId,
    stepRows.filter((step) => step.status === "succeeded"),
  );
  return executionDetail(row, { stepRows, costs, tries, outputs });
}

/** What belongs to one execution, as it was read. */
interface DetailParts {
  /** In the order of the graph. */
  stepRows: readonly (Parameters<typeof stepView>[0] & { edgesTaken: string | null })[];
  costs: readonly ({ nodeId: string } & NonNullable<Parameters<typeof stepView>[1]>)[];
  tries: readonly { nodeId: string; count: number }[];
  outputs: ReadonlyMap<string, ShownOutput>;
}

/** An execution as the API shows it, of what was read of it. */
export function executionDetail(
  row: typeof executions.$inferSelect,
  { stepRows, costs, tries, outputs }: DetailParts,
): ExecutionDetail {
  const costOf = new Map(costs.map((cost) => [cost.nodeId, cost]));
  const triesOf = new Map(tries.map((each) => [each.nodeId, each.count]));
  const views = stepRows.map((step) => ({
    ...viewOf(step, costOf.get(step.nodeId), triesOf.get(step.nodeId) ?? 0),
    output: outputs.get(step.nodeId)?.text ?? null,
    outputTruncated: (outputs.get(step.nodeId)?.truncated ?? false) || importedOf(step)?.outputTruncated === true,
  }));
  const last = new Set(
    stepRows.filter((step) => step.status === "succeeded" && step.edgesTaken === "[]").map((step) => step.nodeId),
  );
  return {
    ...executionView(row),
    input: storedInputSchema.parse(JSON.parse(row.input)),
    ...outputOf(
      views.filter((view) => last.has(view.nodeId)),
      row.status,
    ),
    error: errorOf(row.error, views),
    steps: views,
  };
}

/** What an imported step cost elsewhere: its calls stand in no ledger of ours. */
const importedSchema = z.object({
  attempts: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  costNanoUsd: z.number().nullable(),
  /** The file had its beginning only. */
  outputTruncated: z.boolean().default(false),
});

function importedOf({ imported }: { imported: string | null }): z.infer<typeof importedSchema> | null {
  return imported === null ? null : importedSchema.parse(JSON.parse(imported));
}

function viewOf(step: Parameters<typeof stepView>[0], spent: Parameters<typeof stepView>[1], attempted: number) {
  const imported = importedOf(step);
  return imported === null ? stepView(step, spent, attempted) : stepView(step, imported, imported.attempts);
}

/** The only last step's output, or all by node when several were last. Nothing before the execution has ended. */
function outputOf(
  last: readonly Pick<StepView, "nodeId" | "output" | "outputTruncated">[],
  status: string,
): Pick<ExecutionDetail, "output" | "outputTruncated"> {
  const [only, ...others] = last;
  if (status === "queued" || status === "running" || only === undefined)
    return { output: null, outputTruncated: false };
  return {
    output:
      others.length === 0 ? only.output : Object.fromEntries(last.map(({ nodeId, output }) => [nodeId, output ?? ""])),
    outputTruncated: last.some((step) => step.outputTruncated),
  };
}

/** What ended the execution: its own error, or the first step's that failed. */
function errorOf(own: string | null, views: readonly ExecutionDetail["steps"][number][]): ExecutionDetail["error"] {
  if (own !== null) return { ...storedErrorSchema.parse(JSON.parse(own)), nodeId: null };
  const failed = views
    .filter((view) => view.error !== null)
    .toSorted((a, b) => (a.completedAt ?? "").localeCompare(b.completedAt ?? ""));
  const [first] = failed;
  return first?.error ? { ...first.error, nodeId: first.nodeId } : null;
}

function ofExecution(ctx: Ctx, executionId: string) {
  return and(eq(executions.workspaceId, ctx.workspaceId), eq(executions.id, executionId));
}

function notFound(): DomainError {
  return new DomainError("execution_not_found", "There is no such execution in this workspace.");
}

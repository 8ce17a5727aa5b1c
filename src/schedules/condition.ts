import { z } from "zod";
import type { Ctx } from "../db/context.ts";
import { evaluateExpression, isTruthy } from "../definitions/index.ts";
import { type Engine, getExecution } from "../executions/index.ts";
import { conditionColumn } from "./settings.ts";

/** Whether a run's condition holds, or what became of it instead, for its note. */
export type Verdict = { kind: "holds" } | { kind: "does_not_hold"; note: string } | { kind: "erred"; note: string };

const lastSchema = z.object({ id: z.string() });

interface Question {
  /** JSON, as the table holds it. */
  condition: string;
  /** The scheduled workflow, which the condition looks at unless it names another. */
  workflowId: string;
  scheduledFor: number;
}

/**
 * Evaluates a schedule's condition: JMESPath over `{last, scheduledFor}`. `last` is the newest execution of the workflow
 * that has ended, whoever started it: `{id, status, output, ageSeconds, durationMs, version, trigger}`, or null when
 * there is none. `output` is what the API shows of it, `ageSeconds` the time since its end. The condition holds when the
 * result is truthy in JMESPath's sense: 0 is, an empty text or list is not.
 */
export async function askCondition(
  ctx: Ctx,
  engine: Pick<Engine, "outputs">,
  question: Question,
  now: number,
): Promise<Verdict> {
  const { workflowId, expression } = conditionColumn.parse(JSON.parse(question.condition));
  const last = await lastExecution(ctx, engine, workflowId ?? question.workflowId, now);
  const values = { last, scheduledFor: new Date(question.scheduledFor).toISOString() };
  const result = evaluateExpression(expression, values);
  if (!result.ok) return { kind: "erred", note: `The condition could not be evaluated: ${result.message}` };
  if (isTruthy(result.value)) return { kind: "holds" };
  const seen = last === null ? "there was no execution to look at" : `execution ${last.id} ${last.status}`;
  return { kind: "does_not_hold", note: `The condition did not hold: ${seen}.` };
}

async function lastExecution(ctx: Ctx, engine: Pick<Engine, "outputs">, workflowId: string, now: number) {
  const { results } = await ctx.db.d1
    .prepare(
      `SELECT id FROM executions INDEXED BY executions_by_workflow
       WHERE workspace_id = ?1 AND workflow_id = ?2 AND completed_at IS NOT NULL ORDER BY id DESC LIMIT 1`,
    )
    .bind(ctx.workspaceId, workflowId)
    .run();
  const [row] = z.array(lastSchema).parse(results);
  if (!row) return null;
  const { id, status, output, completedAt, durationMs, version, trigger } = await getExecution(ctx, engine, row.id);
  const ageSeconds = completedAt === null ? null : Math.max(0, Math.floor((now - Date.parse(completedAt)) / 1_000));
  return { id, status, output, ageSeconds, durationMs, version, trigger: trigger.type };
}

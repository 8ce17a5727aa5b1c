import { z } from "zod";
import type { Ctx } from "../db/context.ts";
import type { Note } from "./import-results.ts";
import type { ImportBundle } from "./import-schema.ts";
import type { WaitingSchedule } from "./import-triggers.ts";
import type { WorkflowHere } from "./imported-workflow.ts";
import { insertRows, type Row } from "./insert-rows.ts";

const idSchema = z.object({ id: z.string() });
const conditionSchema = z.object({ workflowId: z.string() });
const storedCondition = z.object({ expression: z.string() });

/**
 * The workflows of this workspace that bundles name by id: what was exported from here may run after what is still
 * here. Another workspace's ids are not found.
 */
export async function workflowsHere(
  ctx: Ctx,
  bundles: readonly ImportBundle[],
  others: readonly string[] = [],
): Promise<Map<string, string>> {
  const named = bundles.flatMap(({ schedules }) =>
    schedules.flatMap(({ after, condition }) => {
      const looked = conditionSchema.safeParse(condition);
      return [after?.workflowId, looked.success ? looked.data.workflowId : undefined].filter((id) => id !== undefined);
    }),
  );
  named.push(...others);
  if (named.length === 0) return new Map();
  const { results } = await ctx.db.d1
    .prepare("SELECT id FROM workflows WHERE workspace_id = ?1 AND id IN (SELECT value FROM json_each(?2))")
    .bind(ctx.workspaceId, JSON.stringify(named))
    .run();
  return new Map(
    z
      .array(idSchema)
      .parse(results)
      .map(({ id }) => [id, id]),
  );
}

/** The workflow that a condition as `schedules` holds it looks at, where that is another one than its own. */
export function lookedAt(condition: Row[string]): string | null {
  const parsed = conditionSchema.safeParse(typeof condition === "string" ? JSON.parse(condition) : null);
  return parsed.success ? parsed.data.workflowId : null;
}

/** The condition with its eyes on this workflow, or on its own without one. */
export function conditionAt(condition: Row[string], workflowId: string | undefined): string {
  const { expression } = storedCondition.parse(typeof condition === "string" ? JSON.parse(condition) : null);
  return JSON.stringify({ ...(workflowId === undefined ? {} : { workflowId }), expression });
}

/**
 * Schedules that name other workflows, now that it is known which those are. One that runs after a workflow which is
 * nowhere is left out, and a condition that looks at one is told of: it looks at its own.
 */
export function resolveWaiting(waiting: readonly WaitingSchedule[], workflowHere: WorkflowHere) {
  const warnings: Note[] = [];
  const rows = waiting.flatMap(({ path, after, looksAt, row: given }) => {
    const row = { ...given };
    if (after !== null) {
      const here = workflowHere(after);
      if (here === undefined) {
        const message = "the workflow that it runs after is not here: this schedule was left out";
        warnings.push({ path: `${path}.after`, message });
        return [];
      }
      row.after_workflow_id = here;
    }
    if (looksAt !== null) {
      const here = workflowHere(looksAt);
      if (here === undefined) {
        const message = "the workflow that it looks at is not here: it looks at its own until you change it";
        warnings.push({ path: `${path}.condition`, message });
      }
      row.condition = conditionAt(given.condition ?? null, here);
    }
    return [row];
  });
  return { rows: (ctx: Ctx) => insertRows(ctx.db.d1, ctx.workspaceId, "schedules", rows), warnings };
}

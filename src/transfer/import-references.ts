import { z } from "zod";
import type { Ctx } from "../db/context.ts";
import type { Note } from "./import-results.ts";
import type { ImportBundle } from "./import-schema.ts";
import type { WaitingSchedule } from "./import-triggers.ts";
import type { WorkflowHere } from "./imported-workflow.ts";
import { insertRows } from "./insert-rows.ts";

const idSchema = z.object({ id: z.string() });
const conditionSchema = z.object({ workflowId: z.string() });

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

/** Schedules that run after another workflow, now that it is known which those are; one whose workflow is nowhere is left out. */
export function resolveWaiting(waiting: readonly WaitingSchedule[], workflowHere: WorkflowHere) {
  const warnings: Note[] = [];
  const rows = waiting.flatMap(({ path, after, row }) => {
    const here = workflowHere(after);
    if (here !== undefined) return [{ ...row, after_workflow_id: here }];
    warnings.push({ path, message: "the workflow that it runs after is not here: this schedule was left out" });
    return [];
  });
  return { rows: (ctx: Ctx) => insertRows(ctx.db.d1, ctx.workspaceId, "schedules", rows), warnings };
}

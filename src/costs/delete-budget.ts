import { and, eq } from "drizzle-orm";
import type { Ctx } from "../db/context.ts";
import { budgets } from "./budget-schema.ts";
import { budgetNotFound } from "./read-budgets.ts";

/** Removes a budget with its periods and alerts. Throws `budget_not_found`. */
export async function deleteBudget(ctx: Ctx, id: string): Promise<void> {
  const gone = await ctx.db.orm
    .delete(budgets)
    .where(and(eq(budgets.workspaceId, ctx.workspaceId), eq(budgets.id, id)))
    .returning({ id: budgets.id });
  if (gone.length === 0) throw budgetNotFound();
}

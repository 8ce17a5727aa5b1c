import { and, eq } from "drizzle-orm";
import type { Ctx } from "../db/context.ts";
import { retryTransient } from "../db/transient.ts";
import { type BudgetSettings, refuseUnknownWorkflow, scoped, webhookOf, written } from "./budget-fields.ts";
import type { BudgetChange, WrittenBudget } from "./budget-inputs.ts";
import { budgetPeriods, budgets } from "./budget-schema.ts";
import { beginPeriods, spansOf } from "./budget-statements.ts";
import { type BudgetRow, budgetNotFound, readBudget } from "./read-budgets.ts";

/**
 * Changes what is given of a budget. A limit counts at once; with another zone, period or scope the running period is
 * reckoned anew from the ledger. Throws `budget_not_found`, `workflow_not_found` and `invalid_fields`.
 */
export async function changeBudget(
  ctx: Ctx,
  settings: BudgetSettings,
  id: string,
  change: BudgetChange,
): Promise<WrittenBudget> {
  const before = await readBudget(ctx, id);
  const now = ctx.clock.now();
  const webhook = await webhookOf(ctx, settings, id, change.webhookUrl, before);
  const set = {
    ...(change.scope === undefined && change.workflowId === undefined ? {} : rescoped(before, change)),
    ...(change.period === undefined ? {} : { period: change.period }),
    ...(change.timezone === undefined ? {} : { timezone: change.timezone }),
    ...(change.limitUsd === undefined ? {} : { limitNanoUsd: change.limitUsd }),
    ...(change.alertAt === undefined ? {} : { alertAt: JSON.stringify(change.alertAt) }),
    ...(change.action === undefined ? {} : { action: change.action }),
    ...(change.webhookUrl === undefined ? {} : webhook.columns),
    updatedAt: now,
  };
  const after = { ...before, ...set };
  const { orm } = ctx.db;
  const own = and(eq(budgets.workspaceId, ctx.workspaceId), eq(budgets.id, id));
  const ownPeriods = and(eq(budgetPeriods.workspaceId, ctx.workspaceId), eq(budgetPeriods.budgetId, id));
  const reckoned =
    after.timezone !== before.timezone || after.period !== before.period || after.workflowId !== before.workflowId;
  const update = orm.update(budgets).set(set).where(own).returning();
  const rows = await refuseUnknownWorkflow(() =>
    retryTransient(async () =>
      reckoned ? (await orm.batch([update, orm.delete(budgetPeriods).where(ownPeriods)]))[0] : update,
    ),
  );
  const [row] = rows;
  if (!row) throw budgetNotFound();
  // By itself, for the row as it is now: somebody else may have changed it too. Who calls before it begins it himself.
  await retryTransient(() => beginPeriods(ctx.db, ctx.workspaceId, spansOf([row], now)).run());
  return written(ctx, row, webhook.secret);
}

function rescoped(before: BudgetRow, change: BudgetChange): Pick<BudgetRow, "scope" | "workflowId"> {
  const scope = change.scope ?? before.scope;
  // A workflow budget that is made the workspace's own loses its workflow with that.
  const kept = scope === "workspace" ? null : before.workflowId;
  return scoped(scope, change.workflowId === undefined ? kept : change.workflowId);
}

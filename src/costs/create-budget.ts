import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { retryTransient, violatesUnique } from "../db/transient.ts";
import { type BudgetSettings, refuseUnknownWorkflow, scoped, webhookOf, written } from "./budget-fields.ts";
import type { NewBudget, WrittenBudget } from "./budget-inputs.ts";
import { beginPeriods, spansOf } from "./budget-statements.ts";
import type { BudgetRow } from "./read-budgets.ts";

/** All of a workspace's are looked at before each call. */
const MAX_BUDGETS = 50;

/**
 * Adds a budget. Its running period begins with what was spent in it already. Throws `invalid_fields`,
 * `workflow_not_found` and `too_many_budgets`.
 */
export async function createBudget(ctx: Ctx, settings: BudgetSettings, input: NewBudget): Promise<WrittenBudget> {
  const { d1 } = ctx.db;
  const now = ctx.clock.now();
  const id = ctx.ids.next();
  const workflowId = input.workflowId ?? null;
  const scope = input.scope ?? (workflowId === null ? "workspace" : "workflow");
  const webhook = await webhookOf(ctx, settings, id, input.webhookUrl ?? null, null);
  const row: BudgetRow = {
    workspaceId: ctx.workspaceId,
    id,
    ...scoped(scope, workflowId),
    period: input.period,
    timezone: input.timezone,
    limitNanoUsd: input.limitUsd,
    alertAt: JSON.stringify(input.alertAt),
    action: input.action,
    ...webhook.columns,
    createdAt: now,
    updatedAt: now,
  };
  const insert = d1
    .prepare(
      `INSERT INTO budgets (workspace_id, id, scope, workflow_id, period, timezone, limit_nano_usd, alert_at, action,
         webhook_url, webhook_secret, created_at, updated_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12
       WHERE (SELECT count(*) FROM budgets WHERE workspace_id = ?1) < ?13 RETURNING id`,
    )
    .bind(
      row.workspaceId,
      row.id,
      row.scope,
      row.workflowId,
      row.period,
      row.timezone,
      row.limitNanoUsd,
      row.alertAt,
      row.action,
      row.webhookUrl,
      row.webhookSecret,
      now,
      MAX_BUDGETS,
    );
  const statements = [insert, beginPeriods(ctx.db, ctx.workspaceId, spansOf([row], now))];
  await refuseUnknownWorkflow(async () => {
    try {
      const [written] = await retryTransient(() => d1.batch(statements));
      if (written?.results.length !== 1) throw tooMany();
    } catch (error) {
      // The id is ours alone: when it is taken, a fault hit behind the first try's effect.
      if (!violatesUnique(error, "budgets")) throw error;
    }
  });
  return written(ctx, row, webhook.secret);
}

function tooMany(): DomainError {
  return new DomainError(
    "too_many_budgets",
    `A workspace has at most ${MAX_BUDGETS} budgets, since all are looked at before each call. Delete or change one.`,
  );
}

import type { Db } from "../db/client.ts";
import { retryTransient } from "../db/transient.ts";
import type { StoredRefusal } from "./budget-alerts.ts";
import { type ApplyingBudget, beginPeriods, spansOf } from "./budget-statements.ts";
import type { CallToReserve } from "./reserve-budget.ts";
import type { BudgetRefusal, BudgetState } from "./rules/refuse-call.ts";

/** Keeps a refusal to be told as alerts are: the first of a period and limit, since many calls may be refused by one. */
export async function keepRefusal(
  db: Db,
  call: CallToReserve,
  refusal: BudgetRefusal,
  { id, periodStart, periodEnd, limitNanoUsd, spentNanoUsd }: BudgetState,
): Promise<void> {
  const keep = db.d1
    .prepare(
      `INSERT INTO budget_alerts
         (workspace_id, budget_id, period_start, threshold, period_end, limit_nano_usd, spent_nano_usd, refusal)
       SELECT workspace_id, id, ?3, 0, ?4, ?5, ?6, ?7 FROM budgets WHERE workspace_id = ?1 AND id = ?2
       ON CONFLICT DO NOTHING`,
    )
    .bind(call.workspaceId, id, periodStart, periodEnd, limitNanoUsd, spentNanoUsd, stored(call, refusal));
  await retryTransient(() => keep.run());
}

/** Keeps that a model without a price was refused: the first call of each in a period and limit. */
export async function keepUnpriced(
  db: Db,
  call: CallToReserve,
  refusal: BudgetRefusal,
  budget: ApplyingBudget,
): Promise<void> {
  const { workspaceId, provider, model } = call;
  const spans = spansOf([budget], call.at);
  const kept = "a.workspace_id = ?1 AND a.budget_id = b.id AND a.period_start = p.period_start AND a.threshold < 0";
  const keep = db.d1
    .prepare(
      // The next free number: what tells one refusal from another is the model, which is no number.
      `INSERT INTO budget_alerts
         (workspace_id, budget_id, period_start, threshold, period_end, limit_nano_usd, spent_nano_usd, refusal)
       SELECT ?1, b.id, p.period_start, coalesce((SELECT min(a.threshold) FROM budget_alerts a WHERE ${kept}), 0) - 1,
         p.period_end, b.limit_nano_usd, p.spent_nano_usd, ?4
       FROM budgets b JOIN budget_periods p ON p.workspace_id = ?1 AND p.budget_id = b.id AND p.period_start = ?3
       WHERE b.workspace_id = ?1 AND b.id = ?2 AND NOT EXISTS (SELECT 1 FROM budget_alerts a
         WHERE ${kept} AND a.refusal ->> 'provider' = ?5 AND a.refusal ->> 'model' = ?6)
       ON CONFLICT DO NOTHING`,
    )
    .bind(workspaceId, budget.id, spans[0]?.from ?? null, stored(call, refusal, { provider, model }), provider, model);
  await retryTransient(() => db.d1.batch([beginPeriods(db, workspaceId, spans), keep]));
}

function stored(
  { workflowId, executionId, nodeId }: CallToReserve,
  { kind, message }: BudgetRefusal,
  named: { provider: string; model: string } | undefined = undefined,
): string {
  return JSON.stringify({ kind, message, workflowId, executionId, nodeId, ...named } satisfies StoredRefusal);
}

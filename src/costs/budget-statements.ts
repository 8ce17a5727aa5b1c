import { z } from "zod";
import type { Db } from "../db/client.ts";
import { BUDGET_ACTIONS } from "./budget-schema.ts";
import { PERIODS, periodOf } from "./rules/budget-period.ts";
import type { TimeRange } from "./rules/cover-range.ts";

/** A budget, as far as it decides which period a moment lies in. */
export interface PeriodBudget {
  id: string;
  timezone: string;
  period: (typeof PERIODS)[number];
}

/** A budget that a step's calls fall under. */
export interface ApplyingBudget extends PeriodBudget {
  action: (typeof BUDGET_ACTIONS)[number];
}

/** A budget with the period that a moment lies in, as statements take it: one element of a JSON array. */
export type BudgetSpan = PeriodBudget & TimeRange;

/** The periods of budgets that a moment (epoch ms) lies in. */
export function spansOf(budgets: readonly PeriodBudget[], at: number): BudgetSpan[] {
  return budgets.map(({ id, timezone, period }) => ({ id, timezone, period, ...periodOf(period, timezone, at) }));
}

/** What the budget `b` counts: rows `x` of the ledger or of reservations, in the span `span.value`. */
const COUNTED = (x: string) =>
  `${x}.workspace_id = b.workspace_id AND ${x}.at >= span.value ->> 'from' AND ${x}.at < span.value ->> 'to'
   AND (b.workflow_id IS NULL OR ${x}.workflow_id = b.workflow_id)`;

/** What the ledger says was spent of `b` in `span`, lost calls at their reservation. */
export const SPENT_BY_LEDGER = `(coalesce((SELECT sum(c.cost_nano_usd) FROM execution_costs c WHERE ${COUNTED("c")}), 0)
  + coalesce((SELECT sum(l.amount_nano_usd) FROM budget_reservations l WHERE ${COUNTED("l")} AND l.lost = 1), 0))`;

/** What is reserved of `b` in `span` by calls that have not been settled. */
export const RESERVED = `coalesce((SELECT sum(o.amount_nano_usd) FROM budget_reservations o WHERE ${COUNTED("o")} AND o.lost = 0), 0)`;

/**
 * Joins spans to the budgets that they were reckoned for: one whose zone or period has been changed since does not
 * match. Needs json_each(spans) as `span` and budgets as `b`.
 */
export const SPAN_OF_BUDGET = `b.id = span.value ->> 'id' AND b.timezone = span.value ->> 'timezone' AND b.period = span.value ->> 'period'`;

/**
 * The statement that begins the periods of these spans where they have not begun, with what the ledger already holds:
 * from then on triggers keep them. Runs in the batch that needs them.
 */
export function beginPeriods(db: Db, workspaceId: string, spans: readonly BudgetSpan[]): D1PreparedStatement {
  return db.d1
    .prepare(
      `INSERT INTO budget_periods (workspace_id, budget_id, period_start, period_end, spent_nano_usd)
       SELECT b.workspace_id, b.id, span.value ->> 'from', span.value ->> 'to', ${SPENT_BY_LEDGER}
       FROM json_each(?2) span CROSS JOIN budgets b ON b.workspace_id = ?1 AND ${SPAN_OF_BUDGET}
       WHERE NOT EXISTS (SELECT 1 FROM budget_periods p
         WHERE p.workspace_id = ?1 AND p.budget_id = b.id AND p.period_start = span.value ->> 'from')`,
    )
    .bind(workspaceId, JSON.stringify(spans));
}

const applyingSchema = z.object({
  id: z.string(),
  timezone: z.string(),
  period: z.enum(PERIODS),
  action: z.enum(BUDGET_ACTIONS),
  untold: z.number(),
});

/** The budgets that an execution's calls fall under, and whether one of them has reached a threshold that nobody was told of. */
export interface BudgetsOfStep {
  applying: ApplyingBudget[];
  untold: boolean;
}

/** Reads {@link BudgetsOfStep} in a batch that is on its way anyway. Without budgets it returns no rows. */
export function selectBudgets(db: Db, workspaceId: string, executionId: string): D1PreparedStatement {
  return db.d1
    .prepare(
      `SELECT b.id, b.timezone, b.period, b.action, EXISTS (SELECT 1 FROM budget_alerts a
         WHERE a.workspace_id = b.workspace_id AND a.budget_id = b.id AND a.event_id IS NULL) AS untold
       FROM budgets b WHERE b.workspace_id = ?1 AND (b.workflow_id IS NULL OR b.workflow_id =
         (SELECT e.workflow_id FROM executions e WHERE e.workspace_id = ?1 AND e.id = ?2))
       ORDER BY b.id`,
    )
    .bind(workspaceId, executionId);
}

/** The budgets that an execution's calls fall under now. */
export async function readBudgetsOf(db: Db, workspaceId: string, executionId: string): Promise<ApplyingBudget[]> {
  return budgetsOf(await selectBudgets(db, workspaceId, executionId).run()).applying;
}

/** What {@link selectBudgets} returned. */
export function budgetsOf(result: D1Result | undefined): BudgetsOfStep {
  const rows = z.array(applyingSchema).parse(result?.results ?? []);
  return {
    applying: rows.map(({ untold: _, ...budget }) => budget),
    untold: rows.some(({ untold }) => untold === 1),
  };
}

import { z } from "zod";
import type { Db } from "../db/client.ts";
import { retryTransient } from "../db/transient.ts";
import { BUDGET_ACTIONS, BUDGET_SCOPES } from "./budget-schema.ts";
import {
  type ApplyingBudget,
  type BudgetSpan,
  beginPeriods,
  RESERVED,
  SPAN_OF_BUDGET,
  spansOf,
} from "./budget-statements.ts";
import { keepRefusal, keepUnpriced } from "./keep-refusal.ts";
import { PERIODS } from "./rules/budget-period.ts";
import { type BudgetRefusal, refuseFor, refuseUnpriced } from "./rules/refuse-call.ts";

/** One call of one run of a step: the key of its reservation, and of its row in the ledger. */
export interface CallKey {
  workspaceId: string;
  executionId: string;
  nodeId: string;
  fence: number;
  attempt: number;
}

/** A call that is about to be made. */
export interface CallToReserve extends CallKey {
  workflowId: string;
  provider: string;
  model: string;
  /** When it is made, as its row in the ledger will have it: this decides the period. Epoch milliseconds. */
  at: number;
  /** When it must have been settled, or else it is held to be lost. */
  expiresAt: number;
  /** The most that it can cost, `null` when no price is known. */
  amountNanoUsd: number | null;
  /** The budgets that it falls under, read with the claim of its step. */
  budgets: readonly ApplyingBudget[];
}

/** A budget changed under our hands is read again; nobody changes one more often than this. */
const MAX_TRIES = 3;

const stateSchema = z.object({
  id: z.string(),
  scope: z.enum(BUDGET_SCOPES),
  timezone: z.string(),
  period: z.enum(PERIODS),
  action: z.enum(BUDGET_ACTIONS),
  limitNanoUsd: z.number(),
  spentNanoUsd: z.number().nullable(),
  reservedNanoUsd: z.number(),
  periodStart: z.number().nullable(),
  periodEnd: z.number().nullable(),
  held: z.number(),
});

/**
 * Reserves the worst case of a call in all budgets that it falls under, or in none, in one batch that may be repeated:
 * `null` when it may be made. A budget that blocks lets it through when spent, reserved and this do not pass its limit;
 * one that alerts always. A refusal is told once a period and limit, unless it passes when other calls end.
 */
export async function reserveBudgets(ports: { db: Db }, call: CallToReserve): Promise<BudgetRefusal | null> {
  const blocking = call.budgets.find(({ action }) => action === "block");
  if (call.amountNanoUsd === null) {
    if (blocking === undefined) return null;
    const refusal = refuseUnpriced(blocking.id, call.provider, call.model);
    await keepUnpriced(ports.db, call, refusal, blocking);
    return refusal;
  }
  let budgets: readonly ApplyingBudget[] = call.budgets;
  for (let tries = 1; budgets.length > 0 && tries <= MAX_TRIES; tries += 1) {
    const states = await tryToReserve(ports.db, call, call.amountNanoUsd, spansOf(budgets, call.at));
    if (states.length === 0 || states.some(({ held }) => held === 1)) return null;
    const known = states.flatMap(({ spentNanoUsd, periodStart, periodEnd, ...state }) =>
      spentNanoUsd === null || periodStart === null || periodEnd === null
        ? []
        : [{ ...state, spentNanoUsd, periodStart, periodEnd }],
    );
    const refusal = refuseFor(known, call.amountNanoUsd);
    const refusing = known.find(({ id }) => id === refusal?.budgetId);
    if (refusal?.passes) return refusal;
    if (refusal && refusing) {
      await keepRefusal(ports.db, call, refusal, refusing);
      return refusal;
    }
    budgets = states;
  }
  if (budgets.length === 0) return null;
  throw new Error(`the budgets of workflow ${call.workflowId} changed ${MAX_TRIES} times while a call asked for them`);
}

/** How the budgets stand that the call falls under now, and whether its reservation is held. */
async function tryToReserve(db: Db, call: CallToReserve, amountNanoUsd: number, spans: readonly BudgetSpan[]) {
  const { workspaceId, workflowId, executionId, nodeId, fence, attempt } = call;
  const json = JSON.stringify(spans);
  const applying = "b.workspace_id = ?1 AND (b.workflow_id IS NULL OR b.workflow_id = ?2)";
  const withSpans = `budgets b LEFT JOIN json_each(?3) span ON ${SPAN_OF_BUDGET}
    LEFT JOIN budget_periods p ON p.workspace_id = ?1 AND p.budget_id = b.id AND p.period_start = span.value ->> 'from'`;
  const reserve = db.d1
    .prepare(
      // One statement decides for all budgets: a row is in all of them. A budget whose period is not known refuses too.
      `INSERT INTO budget_reservations (workspace_id, workflow_id, execution_id, node_id, fence, attempt, amount_nano_usd, at, expires_at)
       SELECT ?1, ?2, ?4, ?5, ?6, ?7, ?8, ?9, ?10
       WHERE NOT EXISTS (SELECT 1 FROM ${withSpans} WHERE ${applying} AND (p.spent_nano_usd IS NULL
         OR b.action = 'block' AND p.spent_nano_usd + ${RESERVED} + ?8 > b.limit_nano_usd))
       ON CONFLICT DO NOTHING`,
    )
    .bind(workspaceId, workflowId, json, executionId, nodeId, fence, attempt, amountNanoUsd, call.at, call.expiresAt);
  const look = db.d1
    .prepare(
      `SELECT b.id, b.scope, b.timezone, b.period, b.action, b.limit_nano_usd AS limitNanoUsd,
         p.spent_nano_usd AS spentNanoUsd, ${RESERVED} AS reservedNanoUsd,
         p.period_start AS periodStart, p.period_end AS periodEnd,
         EXISTS (SELECT 1 FROM budget_reservations r
           WHERE r.workspace_id = ?1 AND r.execution_id = ?4 AND r.node_id = ?5 AND r.fence = ?6 AND r.attempt = ?7) AS held
       FROM ${withSpans} WHERE ${applying} ORDER BY b.id`,
    )
    .bind(workspaceId, workflowId, json, executionId, nodeId, fence, attempt);
  const [, , looked] = await retryTransient(() => db.d1.batch([beginPeriods(db, workspaceId, spans), reserve, look]));
  return z.array(stateSchema).parse(looked?.results ?? []);
}

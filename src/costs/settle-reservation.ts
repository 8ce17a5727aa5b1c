import type { Db } from "../db/client.ts";
import type { CallKey } from "./reserve-budget.ts";

const DAY_MS = 86_400_000;
/** A cost does not come later than this. Longer than the longest period, so that what is removed counts nowhere any more. */
const PERIOD_KEPT_DAYS = 62;
const LOST_KEPT_DAYS = 100;
const ALERT_KEPT_DAYS = 400;

const IS_CALL = "execution_id = ?1 AND node_id = ?2 AND fence = ?3 AND attempt = ?4 AND workspace_id = ?5";

/**
 * The statement that gives a call's reservation back: nothing was spent. Without a reservation it does nothing. Calls
 * that have a row in the ledger need no statement: it settles them, at their reservation where their cost is unknown.
 */
export function releaseReservation(db: Db, key: CallKey): D1PreparedStatement {
  return db.d1
    .prepare(`DELETE FROM budget_reservations WHERE ${IS_CALL}`)
    .bind(key.executionId, key.nodeId, key.fence, key.attempt, key.workspaceId);
}

/**
 * Holds calls to be lost whose time is over and that nobody has settled, of all workspaces, and removes what counts
 * nowhere any more. At most `limit` rows of each: what is left the next run does.
 */
export async function spendExpired(db: Db, now: number, limit: number): Promise<void> {
  const { d1 } = db;
  await d1.batch([
    d1
      .prepare(
        `UPDATE budget_reservations SET lost = 1 WHERE lost = 0 AND (execution_id, node_id, fence, attempt) IN
           (SELECT execution_id, node_id, fence, attempt FROM budget_reservations
            WHERE lost = 0 AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2)`,
      )
      .bind(now, limit),
    d1
      .prepare(
        `DELETE FROM budget_periods WHERE (workspace_id, budget_id, period_start) IN
           (SELECT workspace_id, budget_id, period_start FROM budget_periods WHERE period_end <= ?1 LIMIT ?2)`,
      )
      .bind(now - PERIOD_KEPT_DAYS * DAY_MS, limit),
  ]);
}

/** Removes lost reservations and alerts that are long past, of all workspaces: at most `limit` of each. */
export async function pruneBudgets(db: Db, now: number, limit: number): Promise<void> {
  const { d1 } = db;
  await d1.batch([
    d1
      .prepare(
        `DELETE FROM budget_reservations WHERE lost = 1 AND at <= ?1 AND (execution_id, node_id, fence, attempt) IN
           (SELECT execution_id, node_id, fence, attempt FROM budget_reservations WHERE lost = 1 AND at <= ?1 LIMIT ?2)`,
      )
      .bind(now - LOST_KEPT_DAYS * DAY_MS, limit),
    d1
      .prepare(
        `DELETE FROM budget_alerts WHERE (workspace_id, budget_id, period_start, threshold) IN
           (SELECT workspace_id, budget_id, period_start, threshold FROM budget_alerts WHERE period_end <= ?1 LIMIT ?2)`,
      )
      .bind(now - ALERT_KEPT_DAYS * DAY_MS, limit),
  ]);
}

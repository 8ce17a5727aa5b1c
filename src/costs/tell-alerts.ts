import { z } from "zod";
import { isoTime } from "../core/clock.ts";
import { errorText } from "../core/errors.ts";
import type { Db } from "../db/client.ts";
import { retryTransient } from "../db/transient.ts";
import { type NewEvent, recordEvent } from "../events/index.ts";
import { ALERT_COLUMNS, type Alert, type AlertPorts, alertSchema, IS_ALERT } from "./budget-alerts.ts";
import { alertMessage } from "./rules/alert-message.ts";
import { sendDueAlerts } from "./send-alerts.ts";

const TOLD_AT_ONCE = 50;

/**
 * Tells of thresholds that were reached and of refusals, of all workspaces: each once, as an event, to watchers, and by webhook where
 * the budget has one. What cannot be told now is left to the next run. Never throws.
 */
export async function tellBudgetAlerts(ports: AlertPorts): Promise<void> {
  try {
    for (const alert of await untoldAlerts(ports.db)) await tell(ports, alert);
    await sendDueAlerts(ports);
  } catch (error) {
    ports.log.log("error", "CostTracker", `alerts are left to the next run: ${errorText(error)}`);
  }
}

async function untoldAlerts(db: Db): Promise<Alert[]> {
  const { results } = await db.d1
    .prepare(
      `SELECT ${ALERT_COLUMNS} FROM budget_alerts a JOIN budgets b ON b.workspace_id = a.workspace_id AND b.id = a.budget_id
       WHERE a.event_id IS NULL ORDER BY a.workspace_id, a.budget_id, a.period_start, a.threshold LIMIT ?1`,
    )
    .bind(TOLD_AT_ONCE)
    .run();
  return z.array(alertSchema).parse(results);
}

async function tell({ db, clock, ids, publish }: AlertPorts, alert: Alert): Promise<void> {
  const { workspaceId, budgetId, periodStart, threshold, workflowId, limitNanoUsd, spentNanoUsd, refusal } = alert;
  const now = clock.now();
  const id = ids.next();
  const statements = [
    db.d1
      .prepare(
        `UPDATE budget_alerts SET event_id = ?5, told_at = ?6, webhook_due_at =
           (SELECT CASE WHEN b.webhook_url IS NOT NULL THEN ?6 END FROM budgets b WHERE b.workspace_id = ?1 AND b.id = ?2)
         WHERE ${IS_ALERT} AND event_id IS NULL RETURNING event_id`,
      )
      .bind(workspaceId, budgetId, periodStart, threshold, id, now),
    recordEvent(db, {
      workspaceId,
      id,
      key: `budget/${budgetId}/${periodStart}/${threshold}/${alert.revision}`,
      ...eventOf(alert),
      at: now,
    }),
  ];
  const [told] = await retryTransient(() => db.d1.batch(statements));
  // Of two that tell at once, one finds it told.
  if (told?.results.length !== 1) return;
  const at = isoTime(now);
  const start = isoTime(periodStart);
  const state =
    refusal === null ? ({ state: "reached", threshold } as const) : ({ state: "refused", threshold: null } as const);
  publish(workspaceId, [
    { type: "budget", budgetId, workflowId, ...state, limitNanoUsd, spentNanoUsd, periodStart: start, at },
  ]);
}

function eventOf(alert: Alert): Pick<NewEvent, "type" | "level" | "message" | "data"> {
  const { budgetId, workflowId, threshold, limitNanoUsd, spentNanoUsd, refusal } = alert;
  if (refusal !== null) {
    const { kind, message, provider, model, ...where } = refusal;
    const named = provider === undefined || model === undefined ? {} : { provider, model };
    return { type: "budget_refused", level: "warn", message, data: { budgetId, errorKind: kind, ...where, ...named } };
  }
  return {
    type: "budget_alert",
    level: threshold >= 100 ? "error" : "warn",
    message: alertMessage(alert),
    data: { budgetId, workflowId, threshold, limitNanoUsd, spentNanoUsd, periodStart: isoTime(alert.periodStart) },
  };
}

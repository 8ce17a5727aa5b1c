import { Webhook } from "standardwebhooks";
import { z } from "zod";
import { decrypt } from "../core/cipher.ts";
import { errorText } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";
import { retryTransient } from "../db/transient.ts";
import { recordEvent } from "../events/index.ts";
import { ALERT_COLUMNS, type AlertPorts, alertSchema, IS_ALERT } from "./budget-alerts.ts";
import { webhookSecretPlace } from "./budget-secret.ts";
import { alertPayload } from "./rules/alert-message.ts";
import { checkWebhookUrl } from "./rules/webhook-address.ts";

/** After this many tries a webhook is given up; the last one is made about six hours after the first. */
export const MAX_WEBHOOK_ATTEMPTS = 6;
const TIMEOUT_MS = 10_000;
/** An invocation has six connections, and somebody else may need one. */
const SENT_AT_ONCE = 4;
/** Addresses that do not answer must not hold an invocation for long: the rest is sent a minute later. */
const ROUNDS = 3;

const dueSchema = alertSchema.extend({
  eventId: z.string(),
  toldAt: z.number(),
  attempts: z.number(),
  webhookUrl: z.string(),
  webhookSecret: z.string(),
});
type DueAlert = z.infer<typeof dueSchema>;

/**
 * Sends the webhooks that are due, a few at once, signed as Standard Webhooks has it
 * (github.com/standard-webhooks/standard-webhooks, 1.0.0). The next try is claimed before each is made: 1, 4, 16 minutes
 * later and so on, so that a crash repeats nothing at once.
 */
export async function sendDueAlerts(ports: AlertPorts): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const due = await claimDue(ports);
    if (due === "none") return;
    await Promise.all(due.map((alert) => send(ports, alert)));
  }
}

async function claimDue({ db, clock }: AlertPorts): Promise<DueAlert[] | "none"> {
  const now = clock.now();
  const isDue = `webhook_due_at <= ?1 ORDER BY webhook_due_at LIMIT ${SENT_AT_ONCE}`;
  // Not repeated after a fault that passes: what was claimed then is due again a minute later.
  const [claimed] = await db.d1.batch([
    db.d1
      .prepare(
        `UPDATE budget_alerts SET webhook_attempts = webhook_attempts + 1, webhook_due_at =
           CASE WHEN webhook_attempts + 1 < ?2 THEN ?1 + 60000 * (1 << (2 * webhook_attempts)) END
         WHERE (workspace_id, budget_id, period_start, threshold) IN
           (SELECT workspace_id, budget_id, period_start, threshold FROM budget_alerts WHERE ${isDue})
         RETURNING workspace_id, budget_id, period_start, threshold`,
      )
      .bind(now, MAX_WEBHOOK_ATTEMPTS),
  ]);
  if (!claimed || claimed.results.length === 0) return "none";
  const { results } = await db.d1
    .prepare(
      `SELECT ${ALERT_COLUMNS}, a.event_id AS eventId, a.told_at AS toldAt, a.webhook_attempts AS attempts,
         b.webhook_url AS webhookUrl, b.webhook_secret AS webhookSecret
       FROM json_each(?1) k JOIN budget_alerts a ON a.workspace_id = k.value ->> 'workspace_id' AND
         a.budget_id = k.value ->> 'budget_id' AND a.period_start = k.value ->> 'period_start' AND a.threshold = k.value ->> 'threshold'
       JOIN budgets b ON b.workspace_id = a.workspace_id AND b.id = a.budget_id AND b.webhook_url IS NOT NULL`,
    )
    .bind(JSON.stringify(claimed.results))
    .run();
  return z.array(dueSchema).parse(results);
}

async function send(ports: AlertPorts, alert: DueAlert): Promise<void> {
  const fault = await faultOf(ports, alert);
  const { workspaceId, budgetId, periodStart, threshold, eventId } = alert;
  if (fault === null) {
    const done = ports.db.d1
      .prepare(`UPDATE budget_alerts SET webhook_due_at = NULL WHERE ${IS_ALERT}`)
      .bind(workspaceId, budgetId, periodStart, threshold);
    await retryTransient(() => done.run());
    return;
  }
  const { attempts } = alert;
  ports.log.log("warn", "CostTracker", `an alert's webhook was not delivered: ${fault}`, {
    budgetId,
    threshold,
    attempts,
  });
  if (attempts < MAX_WEBHOOK_ATTEMPTS) return;
  const told = recordEvent(ports.db, {
    workspaceId,
    id: ports.ids.next(),
    key: `budget/${budgetId}/${eventId}/webhook`,
    type: "budget_alert",
    level: "error",
    message: `The webhook of a budget that ${alert.refusal === null ? `reached ${threshold} %` : "refused a call"} was not delivered in ${attempts} tries: ${fault}. Correct webhookUrl with PUT /api/budgets/${budgetId}.`,
    data: { budgetId, threshold, attempts },
    at: ports.clock.now(),
  });
  await retryTransient(() => told.run());
}

/** Sends one, and says what was wrong; `null` when it was taken. */
async function faultOf({ settings, clock }: AlertPorts, alert: DueAlert): Promise<string | null> {
  const address = checkWebhookUrl(alert.webhookUrl, { allowLocal: settings.ALLOW_LOCAL_PROVIDERS });
  if (!address.ok) return `the address is ${address.reason}`;
  try {
    const secret = await decrypt(settings, alert.webhookSecret, webhookSecretPlace(alert.workspaceId, alert.budgetId));
    const body = alertPayload(alert, alert.toldAt);
    const at = new Date(clock.now());
    const response = await fetch(address.url, {
      method: "POST",
      // A redirect would carry the alert to an address that nobody has judged.
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        "Content-Type": "application/json",
        "User-Agent": `Swarm/${VERSION}`,
        "webhook-id": alert.eventId,
        "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
        "webhook-signature": new Webhook(secret).sign(alert.eventId, at, body),
      },
      body,
    });
    await response.body?.cancel();
    return response.ok ? null : `the address answered ${response.status}`;
  } catch (error) {
    return errorText(error);
  }
}

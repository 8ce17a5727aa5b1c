import { env } from "cloudflare:workers";

/** What somebody still has to see to, one count each. Rollups of today and what expires in days are none of it. */
const UNDER_WAY = [
  "SELECT count(*) FROM executions WHERE status IN ('queued', 'running')",
  "SELECT count(*) FROM exports WHERE status IN ('queued', 'running')",
  "SELECT count(*) FROM imports WHERE wake_at IS NOT NULL",
  "SELECT count(*) FROM schedule_runs WHERE status IN ('pending', 'running')",
  "SELECT count(*) FROM budget_reservations WHERE lost = 0",
  "SELECT count(*) FROM budget_alerts WHERE event_id IS NULL OR webhook_due_at IS NOT NULL",
  "SELECT count(*) FROM import_stages",
];

/** Whether nothing is left that a cron would go on with. */
export async function isQuiet(): Promise<boolean> {
  const left = await env.DB.prepare(`SELECT ${UNDER_WAY.map((sql) => `(${sql})`).join(" + ")} AS n`).first("n");
  return left === 0;
}

import { env } from "cloudflare:workers";
import type { Mode } from "./faults.ts";

/** What must never be there, whatever happened: each finds the rows that break it. */
const FORBIDDEN: Record<string, string> = {
  "an execution that has not ended":
    "SELECT id, status FROM executions WHERE status IN ('queued', 'running') OR completed_at IS NULL",
  "a step that has not ended":
    "SELECT execution_id, node_id, status FROM steps WHERE status IN ('pending', 'ready', 'running')",
  "a step that says it ended without a result":
    "SELECT execution_id, node_id FROM steps WHERE status = 'succeeded' AND output IS NULL AND output_key IS NULL",
  "an execution without steps":
    "SELECT id FROM executions e WHERE NOT EXISTS (SELECT 1 FROM steps s WHERE s.execution_id = e.id)",
  "a succeeded execution with a failed step": `SELECT e.id FROM executions e JOIN steps s ON s.execution_id = e.id
    WHERE e.status = 'succeeded' AND s.status NOT IN ('succeeded', 'skipped')`,
  "totals of an execution that are not the ledger's": `SELECT e.id, e.cost_nano_usd, l.* FROM executions e LEFT JOIN (
      SELECT execution_id, sum(cost_nano_usd) AS cost, count(cost_nano_usd) AS priced, count(*) - count(cost_nano_usd) AS unpriced,
        sum(input_tokens) AS input, sum(output_tokens) AS output FROM execution_costs GROUP BY execution_id
    ) l ON l.execution_id = e.id
    WHERE e.cost_nano_usd <> coalesce(l.cost, 0) OR e.priced_calls <> coalesce(l.priced, 0)
      OR e.unpriced_calls <> coalesce(l.unpriced, 0) OR e.input_tokens <> coalesce(l.input, 0)
      OR e.output_tokens <> coalesce(l.output, 0)`,
  "statistics of a version that are not its executions'": `SELECT v.id, v.number, x.* FROM versions v LEFT JOIN (
      SELECT version_id, sum(status = 'succeeded') AS succeeded, sum(status = 'failed') AS failed,
        sum(status = 'cancelled') AS cancelled, sum(cost_nano_usd) AS cost, sum(priced_calls > 0) AS priced,
        sum(input_tokens) AS input, sum(output_tokens) AS output FROM executions WHERE imported = 0 GROUP BY version_id
    ) x ON x.version_id = v.id
    WHERE v.succeeded_count <> coalesce(x.succeeded, 0) OR v.failed_count <> coalesce(x.failed, 0)
      OR v.cancelled_count <> coalesce(x.cancelled, 0) OR v.cost_nano_usd_sum <> coalesce(x.cost, 0)
      OR v.priced_count <> coalesce(x.priced, 0) OR v.input_tokens_sum <> coalesce(x.input, 0)
      OR v.output_tokens_sum <> coalesce(x.output, 0)`,
  ...Object.fromEntries(
    [
      ["quarter", "at - at % 900000", "completed_at - completed_at % 900000"],
      ["day", "at - at % 86400000", "completed_at - completed_at % 86400000"],
    ].flatMap(([level, at, completedAt]) => [
      [
        `sums by ${level} that are not the ledger's`,
        different(
          `SELECT workspace_id, ${at} AS bucket, workflow_id, provider, model, agent_role, count(*), sum(cost_nano_usd IS NULL),
             coalesce(sum(cost_nano_usd), 0), sum(input_tokens), sum(output_tokens) FROM execution_costs GROUP BY 1, 2, 3, 4, 5, 6`,
          `SELECT workspace_id, bucket, workflow_id, provider, model, agent_role, calls, unpriced_calls, cost_nano_usd,
             input_tokens, output_tokens FROM cost_rollups WHERE level = '${level}'`,
        ),
      ],
      [
        `counts by ${level} that are not the executions'`,
        different(
          `SELECT workspace_id, ${completedAt} AS bucket, workflow_id, sum(status = 'succeeded'), sum(status = 'failed'),
             sum(status = 'cancelled') FROM executions WHERE imported = 0 GROUP BY 1, 2, 3`,
          `SELECT workspace_id, bucket, workflow_id, succeeded, failed, cancelled FROM execution_rollups
           WHERE level = '${level}' AND workflow_id NOT IN (SELECT id FROM deleted_workflows)`,
        ),
      ],
    ]),
  ),
  "money that is reserved": "SELECT execution_id, node_id FROM budget_reservations WHERE lost = 0",
  "a reservation beside its cost": `SELECT execution_id, node_id FROM budget_reservations NATURAL JOIN
    (SELECT execution_id, node_id, fence, attempt FROM execution_costs WHERE cost_nano_usd IS NOT NULL)`,
  "a budget that does not say what was spent": `SELECT p.budget_id, p.spent_nano_usd FROM budget_periods p
    JOIN budgets b ON b.workspace_id = p.workspace_id AND b.id = p.budget_id WHERE p.spent_nano_usd <>
      coalesce((SELECT sum(cost_nano_usd) FROM execution_costs c WHERE c.workspace_id = p.workspace_id
        AND c.at >= p.period_start AND c.at < p.period_end AND (b.workflow_id IS NULL OR b.workflow_id = c.workflow_id)), 0)
      + coalesce((SELECT sum(amount_nano_usd) FROM budget_reservations r WHERE r.workspace_id = p.workspace_id AND r.lost = 1
        AND r.at >= p.period_start AND r.at < p.period_end AND (b.workflow_id IS NULL OR b.workflow_id = r.workflow_id)), 0)`,
  "an alert that nobody was told of": "SELECT budget_id, threshold FROM budget_alerts WHERE event_id IS NULL",
  "a cost without its attempt": `SELECT execution_id, node_id FROM execution_costs c WHERE EXISTS
      (SELECT 1 FROM executions e WHERE e.id = c.execution_id) AND NOT EXISTS (SELECT 1 FROM attempts a WHERE
      a.execution_id = c.execution_id AND a.node_id = c.node_id AND a.fence = c.fence AND a.attempt = c.attempt)`,
  "an attempt without its step": `SELECT execution_id, node_id FROM attempts a WHERE NOT EXISTS
    (SELECT 1 FROM steps s WHERE s.execution_id = a.execution_id AND s.node_id = a.node_id)`,
  "a draft without its content": `SELECT id FROM workflows w WHERE NOT EXISTS
    (SELECT 1 FROM snapshots s WHERE s.workspace_id = w.workspace_id AND s.hash = w.draft_hash)`,
  "a version without its content": `SELECT id FROM versions v WHERE NOT EXISTS
    (SELECT 1 FROM snapshots s WHERE s.workspace_id = v.workspace_id AND s.hash = v.content_hash)`,
  "content that nothing needs": `SELECT hash FROM snapshots s WHERE
    NOT EXISTS (SELECT 1 FROM versions v WHERE v.workspace_id = s.workspace_id AND v.content_hash = s.hash)
    AND NOT EXISTS (SELECT 1 FROM workflows w WHERE w.workspace_id = s.workspace_id AND w.draft_hash = s.hash)`,
  "an execution of no version": `SELECT id FROM executions e WHERE NOT EXISTS
    (SELECT 1 FROM versions v WHERE v.workspace_id = e.workspace_id AND v.id = e.version_id)`,
  "an execution of no trigger": `SELECT id FROM executions e WHERE
    trigger_type = 'webhook' AND NOT EXISTS (SELECT 1 FROM webhooks w WHERE w.id = e.trigger_id)
    OR trigger_type = 'schedule' AND NOT EXISTS (SELECT 1 FROM schedule_runs r WHERE r.execution_id = e.id)`,
  "a version number that is missing": `SELECT workflow_id FROM versions GROUP BY workflow_id HAVING max(number) <> count(*)`,
  "a delivery of no execution": `SELECT delivery_id FROM webhook_deliveries d WHERE NOT EXISTS
    (SELECT 1 FROM executions e WHERE e.id = d.execution_id)`,
  "a run that has not ended": "SELECT schedule_id FROM schedule_runs WHERE status IN ('pending', 'running')",
  "a run that did not take over how its execution ended": `SELECT r.schedule_id, r.status, e.status FROM schedule_runs r
    JOIN executions e ON e.id = r.execution_id WHERE r.status <> e.status`,
  "an import that has not ended": "SELECT id FROM imports WHERE wake_at IS NOT NULL",
  "an export that has not ended": "SELECT id FROM exports WHERE status IN ('queued', 'running')",
  "rows that were gathered for an import": `SELECT stage FROM import_stages
    UNION ALL SELECT id FROM workflows WHERE workspace_id LIKE 'importing:%'
    UNION ALL SELECT hash FROM snapshots WHERE workspace_id LIKE 'importing:%'`,
  "a chain of dispatches": "SELECT chain FROM dispatch_chain WHERE chain <> ''",
  "an output that is announced still": "SELECT output_key FROM orphaned_outputs",
  "a gate to be emptied": "SELECT webhook_id FROM orphaned_gates",
};

/** Rows that stand in one of two results and not in the other. */
function different(one: string, other: string): string {
  return `SELECT 'missing', * FROM (${one} EXCEPT ${other}) UNION ALL SELECT 'too much', * FROM (${other} EXCEPT ${one})`;
}

/** Faults by which the answer of the call that is struck may be lost, and with it what that has cost. */
const LOSING: ReadonlySet<Mode | null> = new Set<Mode>(["fails behind", "passes behind", "dies", "dies behind"]);

/**
 * What of the database and the buckets is not as it has to be once everything has come to rest after a fault, or none.
 * By then every reservation that nobody settled is held to be lost: no more of them than answers can have been.
 */
export async function violations(mode: Mode | null): Promise<string[]> {
  const lost = `SELECT execution_id, node_id FROM budget_reservations WHERE lost = 1 LIMIT -1 OFFSET ${LOSING.has(mode) ? 1 : 0}`;
  const rules = Object.entries({ ...FORBIDDEN, "a reservation that nobody settled": lost });
  const results = await env.DB.batch([
    ...rules.map(([, sql]) => env.DB.prepare(`SELECT * FROM (${sql}) LIMIT 3`)),
    env.DB.prepare("PRAGMA foreign_key_check"),
  ]);
  const found = results.flatMap(({ results: rows }, place) => {
    const rule = rules[place]?.[0] ?? "a row that belongs to nothing";
    return rows.length === 0 ? [] : [`${rule}: ${JSON.stringify(rows)}`];
  });
  return [...found, ...(await strayObjects())];
}

/** Objects that no row names, and rows whose object is not there. */
async function strayObjects(): Promise<string[]> {
  const [named, files] = await env.DB.batch<{ key: string }>([
    env.DB.prepare("SELECT output_key AS key FROM steps WHERE output_key IS NOT NULL"),
    env.DB.prepare(
      `SELECT 'exports/' || workspace_id || '/' || id || '/' || attempt || '.zip' AS key FROM exports WHERE status = 'ready'`,
    ),
  ]);
  const found: string[] = [];
  for (const [bucket, rows] of [
    [env.OUTPUTS, named],
    [env.EXPORTS, files],
  ] as const) {
    const keys = new Set(rows?.results.map(({ key }) => key));
    const there = new Set((await bucket.list()).objects.map(({ key }) => key));
    for (const key of there) if (!keys.has(key)) found.push(`an object that no row names: ${key}`);
    for (const key of keys) if (!there.has(key)) found.push(`a row whose object is gone: ${key}`);
  }
  return found;
}

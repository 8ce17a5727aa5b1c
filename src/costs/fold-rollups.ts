import type { Db } from "../db/client.ts";
import { retryTransient } from "../db/transient.ts";
import { DAY_MS } from "./rules/cover-range.ts";

/** Calls that are under way at midnight are written soon after it: folding later saves folding twice. */
const MARGIN_MS = 3_600_000;
/** Days or months of a workspace that are folded in one transaction, and transactions of a run. */
const PAGE = 200;
const MOST_PAGES = 10;

type Folded = "day" | "month";

/** ?1 the last bucket that is over, ?2 how many. The same rows in each statement of a batch, which is a transaction. */
const DUE: Record<Folded, string> = {
  day: `SELECT workspace_id, bucket FROM unfolded_rollups WHERE level = 'day' AND bucket <= ?1
    ORDER BY bucket, workspace_id LIMIT ?2`,
  // A month is made of its days, and waits for the last of them.
  month: `SELECT m.workspace_id, m.bucket FROM unfolded_rollups m WHERE m.level = 'month' AND m.bucket <= ?1
      AND NOT EXISTS (SELECT 1 FROM unfolded_rollups d WHERE d.workspace_id = m.workspace_id AND d.level = 'day'
        AND d.bucket >= m.bucket AND d.bucket < unixepoch(m.bucket / 1000, 'unixepoch', '+1 month') * 1000)
    ORDER BY m.bucket, m.workspace_id LIMIT ?2`,
};

const PARTS: Record<Folded, string> = {
  day: `r.level = 'quarter' AND r.bucket >= due.bucket AND r.bucket < due.bucket + ${DAY_MS}`,
  month: `r.level = 'day' AND r.bucket >= due.bucket
    AND r.bucket < unixepoch(due.bucket / 1000, 'unixepoch', '+1 month') * 1000`,
};

/**
 * Folds quarters of days that are over into days, and days of months that are over into months, in all workspaces. Only
 * what has changed is folded, anew from the finer rows and never by adding: however often it runs, and two at once, the
 * sums are the same. At most 2,000 days and 2,000 months a run; the next one goes on.
 */
export async function foldRollups(db: Db, now: number): Promise<void> {
  const today = Math.floor((now - MARGIN_MS) / DAY_MS) * DAY_MS;
  await foldLevel(db, "day", today - DAY_MS);
  const date = new Date(now - MARGIN_MS);
  await foldLevel(db, "month", Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - 1, 1));
}

async function foldLevel(db: Db, level: Folded, lastOver: number): Promise<void> {
  const prepare = (sql: string) => db.d1.prepare(sql).bind(lastOver, PAGE);
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const due = await db.d1.prepare(DUE[level]).bind(lastOver, 1).run();
    if (due.results.length === 0) return;
    await retryTransient(() =>
      db.d1.batch([
        prepare(forget("cost_rollups", level)),
        prepare(
          `INSERT INTO cost_rollups (workspace_id, level, bucket, workflow_id, provider, model, agent_role, calls,
             unpriced_calls, cost_nano_usd, input_tokens, cached_input_tokens, cache_write_tokens, cache_write_1h_tokens,
             output_tokens, reasoning_tokens)
           SELECT r.workspace_id, '${level}', due.bucket, r.workflow_id, r.provider, r.model, r.agent_role, sum(r.calls),
             sum(r.unpriced_calls), sum(r.cost_nano_usd), sum(r.input_tokens), sum(r.cached_input_tokens),
             sum(r.cache_write_tokens), sum(r.cache_write_1h_tokens), sum(r.output_tokens), sum(r.reasoning_tokens)
           FROM (${DUE[level]}) AS due CROSS JOIN cost_rollups AS r ON r.workspace_id = due.workspace_id AND ${PARTS[level]}
           GROUP BY r.workspace_id, due.bucket, r.workflow_id, r.provider, r.model, r.agent_role`,
        ),
        prepare(forget("execution_rollups", level)),
        prepare(
          `INSERT INTO execution_rollups (workspace_id, level, bucket, workflow_id, succeeded, failed, cancelled)
           SELECT r.workspace_id, '${level}', due.bucket, r.workflow_id, sum(r.succeeded), sum(r.failed), sum(r.cancelled)
           FROM (${DUE[level]}) AS due CROSS JOIN execution_rollups AS r ON r.workspace_id = due.workspace_id AND ${PARTS[level]}
           GROUP BY r.workspace_id, due.bucket, r.workflow_id`,
        ),
        prepare(`DELETE FROM unfolded_rollups WHERE level = '${level}' AND (workspace_id, bucket) IN (${DUE[level]})`),
      ]),
    );
  }
}

/** Removes what an earlier fold made: a sum that a rebuild found nothing for must not stay. */
function forget(table: "cost_rollups" | "execution_rollups", level: Folded): string {
  return `DELETE FROM ${table} WHERE level = '${level}' AND (workspace_id, bucket) IN (${DUE[level]})`;
}

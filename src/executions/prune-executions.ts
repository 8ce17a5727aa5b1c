import { z } from "zod";
import { DAY_MS } from "../core/clock.ts";
import { RETENTION_DEFAULTS } from "../core/retention.ts";
import type { Db } from "../db/client.ts";
import { retryTransient } from "../db/transient.ts";
import { withinSteps } from "./rules/within-steps.ts";

/** Executions a page, and pages a run: what is left is due in the next minute. */
const PAGE = 100;
const MAX_PAGES = 5;

const candidateSchema = z.object({ workspace_id: z.string(), id: z.string(), steps: z.number() });
type Candidate = z.infer<typeof candidateSchema>;

const IS_RETRIED =
  "EXISTS (SELECT 1 FROM executions r WHERE r.workspace_id = o.workspace_id AND r.retry_of = o.id AND r.retry_of IS NOT NULL)";

/**
 * Removes executions that are older than their workspace keeps them, with their steps, attempts, logs and fallback
 * events; objects of large outputs follow with the next pruning. The oldest go first. One that is under way stays, and
 * one that a retry was made of stays for as long as the retry. Ledger, sums and versions' statistics know nothing of it:
 * the money was spent.
 */
export async function pruneExecutions(db: Db, now: number): Promise<void> {
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const found = await candidates(db, now, {
      setting: "execution_days",
      standard: RETENTION_DEFAULTS.executionDays,
      after: "''",
      condition: `NOT ${IS_RETRIED}`,
    });
    if (found.length === 0) return;
    // Asked again: a retry may have begun since.
    await retryTransient(() =>
      db.d1
        .prepare(
          `DELETE FROM executions AS o WHERE (o.workspace_id, o.id) IN
             (SELECT value ->> 'workspace_id', value ->> 'id' FROM json_each(?1))
           AND o.completed_at IS NOT NULL AND NOT ${IS_RETRIED}`,
        )
        .bind(JSON.stringify(withinSteps(found)))
        .run(),
    );
    if (found.length < PAGE) return;
  }
}

/**
 * Removes the logs of executions that are older than their workspace keeps logs. Which executions have been looked
 * through is written down in the same transaction, so that none is read for this twice.
 */
export async function pruneLogs(db: Db, now: number): Promise<void> {
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const found = await candidates(db, now, {
      setting: "log_days",
      standard: RETENTION_DEFAULTS.logDays,
      after: "coalesce((SELECT p.logs_until FROM retention_progress p WHERE p.workspace_id = w.id), '')",
      condition: "true",
    });
    if (found.length === 0) return;
    const taken = JSON.stringify(withinSteps(found));
    await retryTransient(() =>
      db.d1.batch([
        db.d1.prepare("DELETE FROM logs WHERE execution_id IN (SELECT value ->> 'id' FROM json_each(?1))").bind(taken),
        db.d1
          .prepare(
            `INSERT INTO retention_progress (workspace_id, logs_until)
             SELECT value ->> 'workspace_id', max(value ->> 'id') FROM json_each(?1) WHERE true GROUP BY 1
             ON CONFLICT (workspace_id) DO UPDATE SET logs_until = max(logs_until, excluded.logs_until)`,
          )
          .bind(taken),
      ]),
    );
    if (found.length < PAGE) return;
  }
}

interface Due {
  /** The column of the workspace's setting, and what counts where a workspace has set nothing. */
  setting: "execution_days" | "log_days";
  standard: number;
  /** SQL: the id after which executions are looked at, of the workspace `w`. */
  after: string;
  /** SQL: what else has to hold for the execution `o`. */
  condition: string;
}

/**
 * The oldest executions of all workspaces that have ended and are older than a setting says, at most a page. Ids begin
 * with the time of their making, so that the primary key finds them: what is kept is not read.
 */
async function candidates(db: Db, now: number, { setting, standard, after, condition }: Due): Promise<Candidate[]> {
  const { results } = await db.d1
    .prepare(
      `WITH keeping AS (
         SELECT w.id AS workspace_id, ?1 - coalesce(r.${setting}, ?2) * ${DAY_MS} AS since, ${after} AS after
         FROM workspaces w LEFT JOIN retention_settings r ON r.workspace_id = w.id
         WHERE coalesce(r.${setting}, ?2) > 0
       ), due AS (
         SELECT e.workspace_id, e.id FROM keeping k CROSS JOIN executions e
         WHERE e.workspace_id = k.workspace_id AND e.id IN (
           SELECT o.id FROM executions o
           WHERE o.workspace_id = k.workspace_id AND o.id > k.after
             AND o.id < printf('%08x-%04x', k.since >> 16, k.since & 65535)
             AND o.completed_at IS NOT NULL AND ${condition}
           ORDER BY o.id LIMIT ?3)
         ORDER BY e.id LIMIT ?3
       )
       SELECT workspace_id, id, (SELECT count(*) FROM steps s WHERE s.execution_id = due.id) AS steps
       FROM due ORDER BY id`,
    )
    .bind(now, standard, PAGE)
    .run();
  return z.array(candidateSchema).parse(results);
}

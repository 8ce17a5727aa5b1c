import { z } from "zod";
import { errorText } from "../core/errors.ts";
import { retryTransient } from "../db/transient.ts";
import { pauseFailing } from "./pause-failing.ts";
import { type DuePlan, type DueSchedule, planDue } from "./rules/plan-due.ts";
import { CATCH_UPS, DST_GAPS, DST_OVERLAPS, OVERLAPS } from "./schema.ts";
import { type Left, PAGE, type Tick } from "./tick.ts";
import { trimRuns } from "./trim-runs.ts";

const dueSchema = z.object({
  workspace_id: z.string(),
  id: z.string(),
  workflow_id: z.string(),
  cron_expression: z.string(),
  timezone: z.string(),
  dst_gap: z.enum(DST_GAPS).nullable(),
  dst_overlap: z.enum(DST_OVERLAPS).nullable(),
  overlap: z.enum(OVERLAPS),
  catch_up: z.enum(CATCH_UPS),
  start_at: z.number().nullable(),
  end_at: z.number().nullable(),
  jitter_seconds: z.number(),
  next_run_at: z.number(),
  revision: z.number(),
});
type DueRow = z.infer<typeof dueSchema>;

const claimedSchema = z.object({ id: z.string() });

/**
 * Takes one page of schedules that have come due, of all workspaces: each moves on to its next run and leaves its times
 * as runs to be started, in one batch. A schedule that another dispatcher took, or somebody changed, since it was read
 * is left to them.
 */
export async function claimDue(tick: Tick): Promise<Left> {
  const rows = await dueSchedules(tick);
  const plans: Planned[] = [];
  const broken: { row: DueRow; reason: string }[] = [];
  for (const row of rows) {
    try {
      plans.push({ row, plan: planDue(scheduleOf(row), tick.now) });
    } catch (error) {
      // One that cannot be planned must not keep the page, and with it everybody's schedules, from being dispatched.
      broken.push({ row, reason: errorText(error) });
    }
  }
  for (const { row, reason } of broken) {
    if (tick.spent()) break;
    const { workspace_id: workspaceId, id: scheduleId, workflow_id: workflowId, revision } = row;
    const key = { workspaceId, scheduleId, workflowId, revision };
    const message = `A schedule was paused, because its next run cannot be computed: ${reason} Change it, and it is resumed.`;
    if (await pauseFailing(tick, key, { key: `${scheduleId}/${row.next_run_at}`, message, failures: null })) {
      tick.counts.paused += 1;
    }
  }
  const claimed = plans.length === 0 ? 0 : await claim(tick, plans);
  tick.counts.claimed += claimed;
  // When nothing was gained others are at work on the same page: they, or the next tick, see to the rest.
  return rows.length === PAGE && claimed + broken.length > 0 ? "more" : "nothing";
}

interface Planned {
  row: DueRow;
  plan: DuePlan;
}

async function dueSchedules({ engine, now }: Tick): Promise<DueRow[]> {
  const { results } = await engine.db.d1
    .prepare(
      `SELECT workspace_id, id, workflow_id, cron_expression, timezone, dst_gap, dst_overlap, overlap, catch_up, start_at,
         end_at, jitter_seconds, next_run_at, revision
       FROM schedules INDEXED BY schedules_due
       WHERE enabled = 1 AND next_run_at IS NOT NULL AND next_run_at <= ?1 AND cron_expression IS NOT NULL
       ORDER BY next_run_at LIMIT ?2`,
    )
    .bind(now, PAGE)
    .run();
  return z.array(dueSchema).parse(results);
}

/** Carries plans out, each on the revision that it was made on. Answers how many schedules were taken. */
async function claim(tick: Tick, plans: readonly Planned[]): Promise<number> {
  const { db } = tick.engine;
  const claims = plans.map(({ row, plan }) => ({
    workspaceId: row.workspace_id,
    id: row.id,
    revision: row.revision,
    next: plan.nextRunAt,
  }));
  const runs = plans.flatMap(({ row, plan }) =>
    plan.runs.map((run) => ({ workspaceId: row.workspace_id, id: row.id, revision: row.revision + 1, ...run })),
  );
  tick.counts.missed += runs.filter((run) => run.status === "missed").length;
  const claimsJson = JSON.stringify(claims);
  const mine = `FROM json_each(?1) AS due
    CROSS JOIN schedules s ON s.workspace_id = due.value ->> 'workspaceId' AND s.id = due.value ->> 'id'
      AND s.claimed_by = ?2`;
  const results = await retryTransient(() =>
    db.d1.batch([
      db.d1
        .prepare(
          `UPDATE schedules SET next_run_at = due.next, enabled = due.next IS NOT NULL, ended = due.next IS NULL,
             revision = schedules.revision + 1, claimed_by = ?2
           FROM (SELECT s.workspace_id, s.id, each.value ->> 'next' AS next
             FROM json_each(?1) AS each
             CROSS JOIN schedules s ON s.workspace_id = each.value ->> 'workspaceId' AND s.id = each.value ->> 'id'
               AND s.revision = each.value ->> 'revision' AND s.enabled = 1) AS due
           WHERE schedules.workspace_id = due.workspace_id AND schedules.id = due.id`,
        )
        .bind(claimsJson, tick.id),
      db.d1
        .prepare(
          `INSERT INTO schedule_runs (workspace_id, schedule_id, scheduled_for, attempt, status, note, due_at, waits)
           SELECT s.workspace_id, s.id, due.value ->> 'scheduledFor', 1, due.value ->> 'status', due.value ->> 'note',
             due.value ->> 'dueAt', due.value ->> 'waits'
           ${mine} AND s.revision = due.value ->> 'revision' WHERE true ON CONFLICT DO NOTHING`,
        )
        .bind(JSON.stringify(runs), tick.id),
      ...trimRuns(
        tick.engine,
        claims.map(({ workspaceId, id }) => ({ workspaceId, scheduleId: id })),
      ),
      db.d1.prepare(`SELECT s.id ${mine} AND s.revision = due.value ->> 'revision' + 1`).bind(claimsJson, tick.id),
    ]),
  );
  return z.array(claimedSchema).parse(results.at(-1)?.results).length;
}

function scheduleOf(row: DueRow): DueSchedule {
  return {
    id: row.id,
    cronExpression: row.cron_expression,
    timezone: row.timezone,
    dst: { gap: row.dst_gap, overlap: row.dst_overlap },
    startAt: row.start_at,
    endAt: row.end_at,
    nextRunAt: row.next_run_at,
    overlap: row.overlap,
    catchUp: row.catch_up,
    jitterSeconds: row.jitter_seconds,
  };
}

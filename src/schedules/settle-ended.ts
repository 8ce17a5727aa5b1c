import { z } from "zod";
import { isoTime } from "../core/clock.ts";
import { retryTransient } from "../db/transient.ts";
import { pauseFailing } from "./pause-failing.ts";
import { type Settlement, settleRun } from "./rules/settle-run.ts";
import { type Left, PAGE, type Tick } from "./tick.ts";

const endedSchema = z.object({
  workspace_id: z.string(),
  schedule_id: z.string(),
  scheduled_for: z.number(),
  attempt: z.number(),
  status: z.enum(["succeeded", "failed", "cancelled"]),
  execution_id: z.string().nullable(),
  settle_at: z.number(),
  workflow_id: z.string(),
  enabled: z.number(),
  ended: z.number(),
  max_retries: z.number(),
  retry_delay_seconds: z.number(),
  failures: z.number(),
  pause_after_failures: z.number(),
  revision: z.number(),
});
type EndedRow = z.infer<typeof endedSchema>;

interface Settled {
  row: EndedRow;
  settlement: Settlement;
}

/**
 * Draws the consequences of one page of runs that have ended: another attempt, the count of failures, a pause, and the
 * turn of the run that waits behind. Each run once, and of one schedule one at a time, since each may change what
 * becomes of the next.
 */
export async function settleEnded(tick: Tick): Promise<Left> {
  const rows = await endedRuns(tick);
  const first = new Map<string, Settled>();
  for (const row of rows) {
    const key = `${row.workspace_id}/${row.schedule_id}`;
    if (!first.has(key)) first.set(key, { row, settlement: settlementOf(row) });
  }
  const pausing = [...first.values()].filter(({ settlement }) => settlement.kind === "done" && settlement.pause);
  const others = [...first.values()].filter((settled) => !pausing.includes(settled));
  if (others.length > 0) await settle(tick, others);
  for (const settled of pausing) {
    if (tick.spent()) return "later";
    if (!(await pause(tick, settled))) continue;
    tick.counts.paused += 1;
    tick.counts.settled += 1;
  }
  return rows.length > first.size || rows.length === PAGE ? "more" : "nothing";
}

async function endedRuns({ engine, now }: Tick): Promise<EndedRow[]> {
  const { results } = await engine.db.d1
    .prepare(
      `SELECT r.workspace_id, r.schedule_id, r.scheduled_for, r.attempt, r.status, r.execution_id, r.settle_at,
         s.workflow_id, s.enabled, s.ended, s.max_retries, s.retry_delay_seconds, s.failures, s.pause_after_failures, s.revision
       FROM schedule_runs r INDEXED BY schedule_runs_to_settle
       CROSS JOIN schedules s ON s.workspace_id = r.workspace_id AND s.id = r.schedule_id
       WHERE r.settle_at <= ?1 ORDER BY r.settle_at LIMIT ?2`,
    )
    .bind(now, PAGE)
    .run();
  return z.array(endedSchema).parse(results);
}

function settlementOf(row: EndedRow): Settlement {
  return settleRun({
    status: row.status,
    attempt: row.attempt,
    started: row.execution_id !== null,
    endedAt: row.settle_at,
    schedule: {
      enabled: row.enabled === 1,
      ended: row.ended === 1,
      maxRetries: row.max_retries,
      retryDelaySeconds: row.retry_delay_seconds,
      failures: row.failures,
      pauseAfterFailures: row.pause_after_failures,
    },
  });
}

/**
 * Who was first settles a run: `settle_at` is gone then. What follows was decided on a revision of the schedule; somebody
 * who pauses or changes it meanwhile has the run looked at again, and no retry begins behind a pause.
 */
const STILL_OPEN = `r.workspace_id = each.value ->> 'workspaceId' AND r.schedule_id = each.value ->> 'scheduleId'
  AND r.scheduled_for = each.value ->> 'scheduledFor' AND r.attempt = each.value ->> 'attempt' AND r.settle_at IS NOT NULL
  AND EXISTS (SELECT 1 FROM schedules s WHERE s.workspace_id = r.workspace_id AND s.id = r.schedule_id
    AND s.revision = each.value ->> 'revision')`;

async function settle(tick: Tick, several: readonly Settled[]): Promise<void> {
  const { db } = tick.engine;
  const json = settledJson(several, 0);
  const results = await retryTransient(() =>
    db.d1.batch([
      db.d1
        .prepare(
          `INSERT INTO schedule_runs (workspace_id, schedule_id, scheduled_for, attempt, status, note, due_at, waits, open)
           SELECT r.workspace_id, r.schedule_id, r.scheduled_for, r.attempt + 1, 'pending',
             'Retries execution ' || r.execution_id || '.', each.value ->> 'retryAt', 2, 1
           FROM json_each(?1) AS each CROSS JOIN schedule_runs r ON ${STILL_OPEN}
           WHERE each.value ->> 'retryAt' IS NOT NULL ON CONFLICT DO NOTHING`,
        )
        .bind(json),
      db.d1
        .prepare(
          `UPDATE schedules SET failures = due.failures
           FROM (SELECT r.workspace_id, r.schedule_id, each.value ->> 'failures' AS failures
             FROM json_each(?1) AS each CROSS JOIN schedule_runs r ON ${STILL_OPEN}
             WHERE each.value ->> 'failures' IS NOT NULL) AS due
           WHERE schedules.workspace_id = due.workspace_id AND schedules.id = due.schedule_id
             AND schedules.failures <> due.failures`,
        )
        .bind(json),
      ...closeRuns(tick, json),
    ]),
  );
  const [retried, , settled] = results;
  tick.counts.retried += retried?.meta.changes ?? 0;
  tick.counts.settled += settled?.meta.changes ?? 0;
}

/** @param ahead how many revisions the schedule is ahead of the one that was read, by what the same batch does */
function settledJson(several: readonly Settled[], ahead: number): string {
  return JSON.stringify(
    several.map(({ row, settlement }) => ({
      workspaceId: row.workspace_id,
      scheduleId: row.schedule_id,
      scheduledFor: row.scheduled_for,
      attempt: row.attempt,
      revision: row.revision + ahead,
      ...(settlement.kind === "retry"
        ? {
            retryAt: settlement.dueAt,
            note: `Failed, and tried again at ${isoTime(settlement.dueAt)}.`,
            failures: null,
          }
        : { retryAt: null, note: null, failures: settlement.failures }),
    })),
  );
}

/** The statements that end what these runs were open for, and call up the oldest run that waited behind each. */
function closeRuns({ engine: { db }, now }: Tick, json: string): D1PreparedStatement[] {
  return [
    db.d1
      .prepare(
        `UPDATE schedule_runs SET settle_at = NULL, open = NULL, note = coalesce(note, due.because)
         FROM (SELECT r.workspace_id, r.schedule_id, r.scheduled_for, r.attempt, each.value ->> 'note' AS because
           FROM json_each(?1) AS each CROSS JOIN schedule_runs r ON ${STILL_OPEN}) AS due
         WHERE schedule_runs.workspace_id = due.workspace_id AND schedule_runs.schedule_id = due.schedule_id
           AND schedule_runs.scheduled_for = due.scheduled_for AND schedule_runs.attempt = due.attempt`,
      )
      .bind(json),
    db.d1
      .prepare(
        `UPDATE schedule_runs SET due_at = ?2
         WHERE status = 'pending' AND due_at IS NULL AND (workspace_id, schedule_id, scheduled_for, attempt) IN (
           SELECT w.workspace_id, w.schedule_id, min(w.scheduled_for), w.attempt
           FROM json_each(?1) AS each
           CROSS JOIN schedule_runs w INDEXED BY schedule_runs_waiting
             ON w.workspace_id = each.value ->> 'workspaceId' AND w.schedule_id = each.value ->> 'scheduleId'
             AND w.status = 'pending' AND w.due_at IS NULL
           GROUP BY w.workspace_id, w.schedule_id)`,
      )
      .bind(json, now),
  ];
}

/** A run whose failure was one too many. False when somebody changed the schedule meanwhile: its run is looked at again. */
function pause(tick: Tick, settled: Settled): Promise<boolean> {
  const { row, settlement } = settled;
  const failures = settlement.kind === "done" ? settlement.failures : row.failures;
  const { workspace_id: workspaceId, schedule_id: scheduleId, workflow_id: workflowId, revision } = row;
  const key = `${scheduleId}/${row.scheduled_for}/${row.attempt}`;
  const message = `A schedule was paused after ${failures} failed runs in a row. Look at its last runs, mend what made them fail, and resume it.`;
  const schedule = { workspaceId, scheduleId, workflowId, revision };
  return pauseFailing(tick, schedule, { key, message, failures }, closeRuns(tick, settledJson([settled], 1)));
}

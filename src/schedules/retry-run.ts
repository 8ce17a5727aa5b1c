import { z } from "zod";
import { DomainError, errorText } from "../core/errors.ts";
import { violatesCheck } from "../db/transient.ts";
import { retryExecution } from "../executions/index.ts";
import { ctxOf } from "./ctx-of.ts";
import { closed, eventOf, keyOf, type RunToStart } from "./due-runs.ts";
import { inTurns } from "./rules/in-turns.ts";
import { retryDelayMs } from "./rules/settle-run.ts";
import type { ClosedRun } from "./run-statements.ts";
import type { Tick } from "./tick.ts";

/** How long a retry that a fault keeps from beginning is tried each minute, until its run has failed. */
const TRIED_FOR_MS = 3_600_000;

interface Retried {
  /** Those that cannot be tried again. */
  refused: ClosedRun[];
  /** The budget did not reach for them. */
  later: RunToStart[];
  /** A fault kept them from beginning: it may have passed in a minute. */
  erred: RunToStart[];
}

/** Tries runs again, those of all workspaces in turns. What keeps one from beginning keeps none of the others. */
export async function retryRuns(tick: Tick, runs: readonly RunToStart[]): Promise<Retried> {
  const retried: Retried = { refused: [], later: [], erred: [] };
  for (const run of inTurns(runs, ({ row }) => row.workspace_id)) {
    if (tick.spent()) {
      retried.later.push(run);
      continue;
    }
    const earlier = await earlierOf(tick, run);
    if (earlier === null) {
      retried.refused.push(closed(run, "failed", "Not tried again: the attempt before it has no execution."));
      continue;
    }
    try {
      await retryRun(tick, run, earlier.execution_id);
    } catch (error) {
      if (error instanceof DomainError) {
        retried.refused.push(closed(run, "failed", `Not tried again: ${errorText(error)}`));
        continue;
      }
      const { workspace_id: workspaceId, schedule_id: scheduleId, retry_delay_seconds: delay } = run.row;
      const about = { workspaceId, scheduleId, executionId: earlier.execution_id };
      tick.engine.log.log("error", "Scheduler", `a run was not tried again: ${errorText(error)}`, about);
      const since = (earlier.completed_at ?? tick.now) + retryDelayMs(run.attempt - 1, delay);
      if (tick.now - since < TRIED_FOR_MS) retried.erred.push(run);
      else retried.refused.push(closed(run, "failed", "Not tried again: for an hour a fault kept it from beginning."));
    }
  }
  return retried;
}

const earlierSchema = z.object({ execution_id: z.string(), completed_at: z.number().nullable() });

async function earlierOf({ engine }: Tick, run: RunToStart) {
  const { workspaceId, scheduleId, scheduledFor, attempt } = keyOf(run);
  const { results } = await engine.db.d1
    .prepare(
      `SELECT r.execution_id, e.completed_at FROM schedule_runs r
       LEFT JOIN executions e ON e.workspace_id = r.workspace_id AND e.id = r.execution_id
       WHERE r.workspace_id = ?1 AND r.schedule_id = ?2 AND r.scheduled_for = ?3 AND r.attempt = ?4
         AND r.execution_id IS NOT NULL`,
    )
    .bind(workspaceId, scheduleId, scheduledFor, attempt - 1)
    .run();
  const [earlier] = z.array(earlierSchema).parse(results);
  return earlier ?? null;
}

/**
 * Runs again what did not succeed of the attempt before, as a new execution. The batch that writes it takes the run, so
 * that two dispatchers start one, and a run that was given up meanwhile, by a pause, starts none that nobody knows of.
 */
async function retryRun(tick: Tick, run: RunToStart, earlierId: string): Promise<void> {
  const { engine, counts } = tick;
  const alongside = (executionId: string) => ({
    statements: takeRun(tick, run, executionId),
    events: [eventOf(tick, run, "started", executionId)],
    watched: run.row.watched === 1,
  });
  try {
    await retryExecution(ctxOf(engine, run.row.workspace_id), engine, { executionId: earlierId, alongside });
    counts.started += 1;
  } catch (error) {
    if (!violatesCheck(error, "execution_is_live")) throw error;
  }
}

function takeRun({ engine: { db }, now }: Tick, run: RunToStart, executionId: string): D1PreparedStatement[] {
  const { workspaceId, scheduleId, scheduledFor, attempt } = keyOf(run);
  const key = [workspaceId, scheduleId, scheduledFor, attempt];
  const itIsPending =
    "workspace_id = ?1 AND schedule_id = ?2 AND scheduled_for = ?3 AND attempt = ?4 AND status = 'pending'";
  return [
    // Fails the batch: an execution must not run that belongs to no run.
    db.d1
      .prepare(
        `UPDATE executions SET guard = 1 WHERE workspace_id = ?1 AND id = ?5
           AND NOT EXISTS (SELECT 1 FROM schedule_runs WHERE ${itIsPending})`,
      )
      .bind(...key, executionId),
    db.d1
      .prepare(
        "UPDATE schedules SET last_run_at = ?3, execution_count = execution_count + 1 WHERE workspace_id = ?1 AND id = ?2",
      )
      .bind(workspaceId, scheduleId, now),
    db.d1
      .prepare(
        `UPDATE schedule_runs SET execution_id = ?5, due_at = NULL, open = 1, status = 'running' WHERE ${itIsPending}`,
      )
      .bind(...key, executionId),
  ];
}

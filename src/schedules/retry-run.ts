import { z } from "zod";
import { DomainError, errorText } from "../core/errors.ts";
import { retryTransient } from "../db/transient.ts";
import { retryExecution } from "../executions/index.ts";
import { ctxOf } from "./ctx-of.ts";
import type { RunKey } from "./run-statements.ts";
import type { Tick } from "./tick.ts";

const earlierSchema = z.object({ execution_id: z.string() });

/**
 * Runs again what did not succeed of the attempt before, as a new execution. Doing it twice starts one execution, since
 * the run names it to the engine. Answers why it cannot be done, or `null`.
 */
export async function retryRun(tick: Tick, run: RunKey): Promise<string | null> {
  const { engine } = tick;
  const ctx = ctxOf(engine, run.workspaceId);
  const { results } = await ctx.db.d1
    .prepare(
      `SELECT execution_id FROM schedule_runs
       WHERE workspace_id = ?1 AND schedule_id = ?2 AND scheduled_for = ?3 AND attempt = ?4 AND execution_id IS NOT NULL`,
    )
    .bind(run.workspaceId, run.scheduleId, run.scheduledFor, run.attempt - 1)
    .run();
  const [earlier] = z.array(earlierSchema).parse(results);
  if (!earlier) return "Not tried again: the attempt before it has no execution.";
  const idempotencyKey = {
    route: "retry of a scheduled run",
    key: `${run.scheduleId}/${run.scheduledFor}/${run.attempt}`,
    bodyHash: earlier.execution_id,
  };
  try {
    const request = { executionId: earlier.execution_id, idempotencyKey };
    const { executionId } = await retryExecution(ctx, engine, request);
    await begin(tick, run, executionId);
    tick.counts.started += 1;
    return null;
  } catch (error) {
    if (error instanceof DomainError) return `Not tried again: ${errorText(error)}`;
    throw error;
  }
}

/** The execution may have ended before its run knows of it: then the run ends here, since no end is to come. */
async function begin({ engine, now }: Tick, run: RunKey, executionId: string): Promise<void> {
  const { d1 } = engine.db;
  const key = [run.workspaceId, run.scheduleId, run.scheduledFor, run.attempt];
  const pending =
    "workspace_id = ?1 AND schedule_id = ?2 AND scheduled_for = ?3 AND attempt = ?4 AND status = 'pending'";
  await retryTransient(() =>
    d1.batch([
      d1
        .prepare(
          `UPDATE schedules SET last_run_at = ?5, execution_count = execution_count + 1 WHERE workspace_id = ?1 AND id = ?2
             AND EXISTS (SELECT 1 FROM schedule_runs WHERE ${pending})`,
        )
        .bind(...key, now),
      d1
        .prepare(
          `UPDATE schedule_runs SET execution_id = e.id, due_at = NULL, open = 1, settle_at = e.completed_at,
             status = CASE WHEN e.completed_at IS NULL THEN 'running' ELSE e.status END
           FROM executions e
           WHERE e.workspace_id = ?1 AND e.id = ?5 AND schedule_runs.workspace_id = ?1 AND schedule_id = ?2
             AND scheduled_for = ?3 AND attempt = ?4 AND schedule_runs.status = 'pending'`,
        )
        .bind(...key, executionId),
    ]),
  );
}

import { z } from "zod";
import { isoTime } from "../core/clock.ts";
import { pinExpression } from "../executions/index.ts";
import type { ClosedRun, RunKey } from "./run-statements.ts";
import { OVERLAPS } from "./schema.ts";
import { PAGE, type Tick } from "./tick.ts";

const dueSchema = z.object({
  workspace_id: z.string(),
  schedule_id: z.string(),
  scheduled_for: z.number(),
  attempt: z.number(),
  waits: z.number(),
  workflow_id: z.string(),
  overlap: z.enum(OVERLAPS),
  condition: z.string().nullable(),
  retry_delay_seconds: z.number(),
  input: z.string(),
  pin: z.string(),
  busy: z.number(),
  others_wait: z.number(),
  watched: z.number(),
});
type DueRow = z.infer<typeof dueSchema>;

/** A pending run whose time has come. */
export interface RunToStart {
  row: DueRow;
  scheduleId: string;
  attempt: number;
  waits: number;
  overlap: DueRow["overlap"];
  busy: boolean;
  othersWait: boolean;
}

/**
 * One page of pending runs whose time has come, of all workspaces. Ordered as the index is with the key behind it: any
 * other order would read all that is due for each page.
 */
export async function dueRuns({ engine, now }: Tick): Promise<RunToStart[]> {
  const pin = pinExpression({
    workspace: "s.workspace_id",
    workflow: "s.workflow_id",
    version: "coalesce(s.pinned_version_id, s.version)",
  });
  const { results } = await engine.db.d1
    .prepare(
      `SELECT r.workspace_id, r.schedule_id, r.scheduled_for, r.attempt, r.waits, s.workflow_id, s.overlap, s.condition,
         s.retry_delay_seconds, s.input, ${pin} AS pin,
         EXISTS (SELECT 1 FROM schedule_runs o INDEXED BY schedule_runs_open
           WHERE o.workspace_id = r.workspace_id AND o.schedule_id = r.schedule_id AND o.open = 1) AS busy,
         EXISTS (SELECT 1 FROM schedule_runs w INDEXED BY schedule_runs_waiting
           WHERE w.workspace_id = r.workspace_id AND w.schedule_id = r.schedule_id AND w.status = 'pending'
             AND w.due_at IS NULL) AS others_wait,
         EXISTS (SELECT 1 FROM live_watches l WHERE l.workspace_id = r.workspace_id AND l.until > ?3) AS watched
       FROM schedule_runs r INDEXED BY schedule_runs_due
       CROSS JOIN schedules s ON s.workspace_id = r.workspace_id AND s.id = r.schedule_id
       WHERE r.due_at <= ?1
       ORDER BY r.due_at, r.workspace_id, r.schedule_id, r.scheduled_for, r.attempt LIMIT ?2`,
    )
    // Watchers go by the machine's clock, which a cron that fires early is ahead of.
    .bind(now, PAGE, engine.clock.now())
    .run();
  return z
    .array(dueSchema)
    .parse(results)
    .map((row) => ({
      row,
      scheduleId: row.schedule_id,
      attempt: row.attempt,
      waits: row.waits,
      overlap: row.overlap,
      busy: row.busy === 1,
      othersWait: row.others_wait === 1,
    }));
}

export function keyOf({ row }: RunToStart): RunKey {
  return {
    workspaceId: row.workspace_id,
    scheduleId: row.schedule_id,
    scheduledFor: row.scheduled_for,
    attempt: row.attempt,
  };
}

export function closed(run: RunToStart, status: ClosedRun["status"], note: string): ClosedRun {
  return { ...keyOf(run), status, note };
}

/** What watchers are told of a run. */
export function eventOf({ engine }: Tick, { row }: RunToStart, status: string, executionId: string | null) {
  const { schedule_id: scheduleId, workflow_id: workflowId } = row;
  return { type: "schedule" as const, scheduleId, workflowId, status, executionId, at: isoTime(engine.clock.now()) };
}

export function publish(tick: Tick, run: RunToStart, status: string, executionId: string | null): void {
  if (run.row.watched === 1) tick.engine.publish(run.row.workspace_id, [eventOf(tick, run, status, executionId)]);
}

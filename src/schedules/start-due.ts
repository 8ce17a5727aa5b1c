import { z } from "zod";
import { isoTime } from "../core/clock.ts";
import { retryTransient } from "../db/transient.ts";
import { type ManyStart, pinExpression, startMany } from "../executions/index.ts";
import { askCondition } from "./condition.ts";
import { ctxOf } from "./ctx-of.ts";
import { retryRun } from "./retry-run.ts";
import { planStarts } from "./rules/plan-starts.ts";
import { type ClosedRun, closeUnstarted, putToWait } from "./run-statements.ts";
import { OVERLAPS } from "./schema.ts";
import { gateOf } from "./start-gate.ts";
import { PAGE, type Tick } from "./tick.ts";
import { trimRuns } from "./trim-runs.ts";

const dueSchema = z.object({
  workspace_id: z.string(),
  schedule_id: z.string(),
  scheduled_for: z.number(),
  attempt: z.number(),
  waits: z.number(),
  workflow_id: z.string(),
  overlap: z.enum(OVERLAPS),
  condition: z.string().nullable(),
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
 * Starts one page of pending runs whose time has come, of all workspaces; those that may not begin beside an open one
 * wait or are skipped, and so are those whose condition does not hold. Answers whether there may be more.
 */
export async function startDue(tick: Tick): Promise<boolean> {
  const before = tick.counts.started;
  const runs = await dueRuns(tick);
  const planned = planStarts(runs);
  const chosen = (action: string) => planned.filter((each) => each.action === action).map(({ run }) => run);
  const skipped = chosen("skip").map((run) => closed(run, "skipped", "Skipped: the run before it was not over yet."));
  const { starts, left } = await holding(tick, chosen("start"));
  const retries = starts.filter((run) => run.attempt > 1);
  const refused = await startAll(
    tick,
    starts.filter((run) => run.attempt === 1),
  );
  for (const run of retries) {
    if (tick.spent()) return true;
    const refusal = await retryRun(tick, keyOf(run));
    if (refusal !== null) refused.push(closed(run, "failed", refusal));
  }
  const ends = [...skipped, ...left, ...refused];
  const waiting = chosen("wait");
  await close(tick, ends, waiting, runs);
  if (tick.spent()) return runs.length > 0;
  // What could not begin leaves its place to the next that waits. Where nothing was gained others are at work.
  const gained = tick.counts.started > before || ends.length > 0 || waiting.length > 0;
  return gained && (runs.length === PAGE || (ends.length > 0 && waiting.length > 0));
}

/** Ordered as the index is with the key behind it: any other order would read all that is due for each page. */
async function dueRuns({ engine, now }: Tick): Promise<RunToStart[]> {
  const pin = pinExpression({
    workspace: "s.workspace_id",
    workflow: "s.workflow_id",
    version: "coalesce(s.pinned_version_id, s.version)",
  });
  const { results } = await engine.db.d1
    .prepare(
      `SELECT r.workspace_id, r.schedule_id, r.scheduled_for, r.attempt, r.waits, s.workflow_id, s.overlap, s.condition,
         s.input, ${pin} AS pin,
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

/** Those whose conditions hold, and what becomes of the others. */
async function holding(tick: Tick, runs: readonly RunToStart[]) {
  const starts: RunToStart[] = [];
  const left: ClosedRun[] = [];
  for (const run of runs) {
    const { condition, workspace_id, workflow_id, scheduled_for } = run.row;
    // A retry goes on with what was begun. Past the budget the run stays due, and goes to the next invocation.
    if (condition === null || run.attempt > 1) starts.push(run);
    else if (!tick.spent()) {
      const question = { condition, workflowId: workflow_id, scheduledFor: scheduled_for };
      const verdict = await askCondition(ctxOf(tick.engine, workspace_id), tick.engine, question, tick.now);
      if (verdict.kind === "holds") starts.push(run);
      else left.push(closed(run, verdict.kind === "erred" ? "failed" : "skipped", verdict.note));
    }
  }
  return { starts, left };
}

/** Starts runs for the first time. Answers those that cannot be started as things are. */
async function startAll(tick: Tick, runs: readonly RunToStart[]): Promise<ClosedRun[]> {
  const { engine } = tick;
  if (runs.length === 0) return [];
  const byExecution = new Map(runs.map((run) => [engine.ids.next(), run]));
  const starts = [...byExecution].map(([executionId, { row }]): ManyStart => {
    return {
      workspaceId: row.workspace_id,
      workflowId: row.workflow_id,
      executionId,
      pin: row.pin,
      trigger: { type: "schedule", id: row.schedule_id },
      input: row.input,
      claim: {
        scheduledFor: row.scheduled_for,
        attempt: row.attempt,
        beside: row.overlap === "allow" ? 1 : 0,
      },
    };
  });
  const refused: ClosedRun[] = [];
  for (const [executionId, outcome] of await startMany(engine, starts, gateOf(tick))) {
    const run = byExecution.get(executionId);
    if (!run) continue;
    if (outcome.kind === "refused") refused.push(closed(run, "failed", `Not started: ${outcome.message}`));
    if (outcome.kind !== "started") continue;
    tick.counts.started += 1;
    publish(tick, run, "started", executionId);
  }
  return refused;
}

/** Writes what became of the runs that were not started. */
async function close(
  tick: Tick,
  ends: readonly ClosedRun[],
  waiting: readonly RunToStart[],
  all: readonly RunToStart[],
): Promise<void> {
  const { engine } = tick;
  const statements = [
    ...(ends.length > 0 ? [closeUnstarted(engine.db, ends, tick.now)] : []),
    ...(waiting.length > 0 ? [putToWait(engine.db, waiting.map(keyOf))] : []),
    ...trimRuns(
      engine,
      all.map(({ row }) => ({ workspaceId: row.workspace_id, scheduleId: row.schedule_id })),
    ),
  ];
  if (statements.length > 0) await retryTransient(() => engine.db.d1.batch(statements));
  tick.counts.skipped += ends.filter(({ status }) => status === "skipped").length;
  tick.counts.refused += ends.filter(({ status }) => status === "failed").length;
  tick.counts.waiting += waiting.length;
  const byKey = new Map(all.map((run) => [keyText(keyOf(run)), run]));
  for (const end of ends) {
    const run = byKey.get(keyText(end));
    if (run) publish(tick, run, end.status, null);
  }
}

function publish({ engine }: Tick, { row }: RunToStart, status: string, executionId: string | null): void {
  if (row.watched === 0) return;
  const { schedule_id: scheduleId, workflow_id: workflowId } = row;
  const at = isoTime(engine.clock.now());
  engine.publish(row.workspace_id, [{ type: "schedule", scheduleId, workflowId, status, executionId, at }]);
}

function keyOf({ row }: RunToStart) {
  return {
    workspaceId: row.workspace_id,
    scheduleId: row.schedule_id,
    scheduledFor: row.scheduled_for,
    attempt: row.attempt,
  };
}

function keyText(key: ReturnType<typeof keyOf>): string {
  return `${key.workspaceId}/${key.scheduleId}/${key.scheduledFor}/${key.attempt}`;
}

function closed(run: RunToStart, status: ClosedRun["status"], note: string): ClosedRun {
  return { ...keyOf(run), status, note };
}

import { z } from "zod";
import { isoTime } from "../core/clock.ts";
import { errorText } from "../core/errors.ts";
import { evaluateExpression, isTruthy } from "../definitions/index.ts";
import { getExecution } from "../executions/index.ts";
import { ctxOf } from "./ctx-of.ts";
import { closed, type RunToStart } from "./due-runs.ts";
import { inTurns } from "./rules/in-turns.ts";
import { looksAtOutput } from "./rules/looks-at-output.ts";
import type { ClosedRun } from "./run-statements.ts";
import { conditionColumn } from "./settings.ts";
import type { Tick } from "./tick.ts";

/** Conditions may use this share of what a page may: retries are to have the rest. */
const SHARE = 0.6;

interface Held {
  /** Whose condition holds, or who have none. */
  starts: RunToStart[];
  ended: ClosedRun[];
  /** Nobody has asked yet: the budget did not reach for them. */
  later: RunToStart[];
}

/**
 * Evaluates the conditions of runs: JMESPath over `{last, scheduledFor}`. `last` is the newest execution of the workflow
 * that has ended, whoever started it: `{id, status, output, ageSeconds, durationMs, version, trigger}`, or null when
 * there is none. `output` is what the API shows of it, `ageSeconds` the time since its end. A condition holds when the
 * result is truthy in JMESPath's sense: 0 is, an empty text or list is not.
 *
 * The executions are found by one query for all; only an output is read one by one, once a workflow and where a
 * condition looks at it. A condition that cannot be asked is one that erred: it must not keep the others' runs waiting.
 */
export async function askConditions(tick: Tick, runs: readonly RunToStart[]): Promise<Held> {
  const held: Held = { starts: runs.filter(({ row }) => row.condition === null), ended: [], later: [] };
  const questions: Question[] = [];
  for (const run of runs) {
    if (run.row.condition === null) continue;
    try {
      const { workflowId, expression } = conditionColumn.parse(JSON.parse(run.row.condition));
      questions.push({ run, expression, workflowId: workflowId ?? run.row.workflow_id });
    } catch (error) {
      held.ended.push(erred(tick, run, error));
    }
  }
  if (questions.length === 0) return held;
  const found = await lastExecutions(tick, questions);
  const outputs = new Map<string, unknown>();
  for (const question of inTurns(questions, ({ run }) => run.row.workspace_id)) {
    const { run, expression } = question;
    const last = found.get(subjectOf(question)) ?? null;
    try {
      if (last !== null && looksAtOutput(expression) && !outputs.has(last.id)) {
        if (tick.spent(SHARE)) {
          held.later.push(run);
          continue;
        }
        const ctx = ctxOf(tick.engine, run.row.workspace_id);
        outputs.set(last.id, (await getExecution(ctx, tick.engine, last.id)).output);
      }
      const seen = last === null ? null : { ...last, output: outputs.get(last.id) ?? null };
      judge(held, question, seen);
    } catch (error) {
      held.ended.push(erred(tick, run, error));
    }
  }
  return held;
}

interface Question {
  run: RunToStart;
  expression: string;
  /** The workflow whose last execution it looks at. */
  workflowId: string;
}

function judge(held: Held, { run, expression }: Question, last: { id: string; status: string } | null): void {
  const result = evaluateExpression(expression, { last, scheduledFor: isoTime(run.row.scheduled_for) });
  if (!result.ok) {
    held.ended.push(closed(run, "failed", `The condition could not be evaluated: ${result.message}`));
  } else if (isTruthy(result.value)) {
    held.starts.push(run);
  } else {
    const seen = last === null ? "there was no execution to look at" : `execution ${last.id} ${last.status}`;
    held.ended.push(closed(run, "skipped", `The condition did not hold: ${seen}.`));
  }
}

function erred({ engine }: Tick, run: RunToStart, error: unknown): ClosedRun {
  const { workspace_id: workspaceId, schedule_id: scheduleId } = run.row;
  engine.log.log("error", "Scheduler", `a condition could not be asked: ${errorText(error)}`, {
    workspaceId,
    scheduleId,
  });
  return closed(run, "failed", "The condition could not be evaluated: what it looks at could not be read.");
}

const lastSchema = z.object({
  workspace_id: z.string(),
  workflow_id: z.string(),
  id: z.string(),
  status: z.string(),
  version_number: z.number(),
  trigger_type: z.string(),
  started_at: z.number().nullable(),
  completed_at: z.number(),
});

/** The newest execution that has ended of each workflow that is asked about, without its output, by {@link subjectOf}. */
async function lastExecutions({ engine, now }: Tick, questions: readonly Question[]) {
  const subjects = new Map(
    questions.map((each) => [subjectOf(each), { workspaceId: each.run.row.workspace_id, workflowId: each.workflowId }]),
  );
  const { results } = await engine.db.d1
    .prepare(
      `SELECT e.workspace_id, e.workflow_id, e.id, e.status, e.version_number, e.trigger_type, e.started_at, e.completed_at
       FROM json_each(?1) AS subject
       CROSS JOIN executions e ON e.workspace_id = subject.value ->> 'workspaceId' AND e.id = (
         SELECT l.id FROM executions l INDEXED BY executions_by_workflow
         WHERE l.workspace_id = subject.value ->> 'workspaceId' AND l.workflow_id = subject.value ->> 'workflowId'
           AND l.completed_at IS NOT NULL ORDER BY l.id DESC LIMIT 1)`,
    )
    .bind(JSON.stringify([...subjects.values()]))
    .run();
  return new Map(
    z
      .array(lastSchema)
      .parse(results)
      .map((row) => [
        `${row.workspace_id}/${row.workflow_id}`,
        {
          id: row.id,
          status: row.status,
          ageSeconds: Math.max(0, Math.floor((now - row.completed_at) / 1_000)),
          durationMs: row.started_at === null ? null : row.completed_at - row.started_at,
          version: row.version_number,
          trigger: row.trigger_type,
        },
      ]),
  );
}

function subjectOf({ run, workflowId }: Pick<Question, "run" | "workflowId">): string {
  return `${run.row.workspace_id}/${workflowId}`;
}

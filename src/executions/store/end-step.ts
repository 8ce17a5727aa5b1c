import { budgetsOf, selectBudgets } from "../../costs/index.ts";
import { retryTransient, violatesCheck, violatesForeignKey } from "../../db/transient.ts";
import type { Agent } from "../../definitions/index.ts";
import type { NewEntry } from "../../knowledge/index.ts";
import type { ChainCall, Hop } from "../../providers/index.ts";
import type { Engine } from "../engine.ts";
import { successorEffects } from "../rules/successors.ts";
import { writeCall } from "./calls.ts";
import type { RunningExecution } from "./claim-step.ts";
import { type ClaimedStep, claimedSchema, claimedStep } from "./claimed-step.ts";
import { finishWhenDone } from "./finish-statements.ts";
import { claimNext, markSent } from "./hand-over.ts";
import { writeHops } from "./hops.ts";
import { writeLessons } from "./learn.ts";
import { allRows, changedSchema, endedSchema, firstRow, nodeSchema, watchedSchema } from "./rows.ts";
import { insertLogs, type LogLine, selectWatched } from "./statements.ts";
import { writeStrayCalls } from "./stray-calls.ts";
import { passOn } from "./successor-statements.ts";

/** How a step ended. */
export type StepOutcome =
  | {
      status: "succeeded";
      /** The text itself, or the key under which it lies in R2. */
      output: { text: string } | { key: string };
      /** What its agent offered to the workspace's knowledge. */
      learned: readonly NewEntry[];
      edgesTaken: string[];
      provider: string;
      model: string;
      fallbackUsed: boolean;
    }
  | { status: "failed"; error: { code: string; message: string } };

/** Who may end a step: the owner of its lease, or anyone once nobody can own it any more. */
export type StepGuard = "owner" | "abandoned";

export interface StepEnd {
  execution: RunningExecution;
  step: Pick<ClaimedStep, "nodeId" | "fence">;
  agent: Agent;
  outcome: StepOutcome;
  guard: StepGuard;
  calls: readonly ChainCall[];
  /** Where it left one target for another. */
  hops: readonly Hop[];
  log: readonly LogLine[];
  /** Whether this invocation goes on with a step that became ready. */
  goOn: boolean;
}

export type StepEnded =
  | {
      current: true;
      next: ClaimedStep | undefined;
      /** Steps whose messages the caller must send now. */
      toSend: string[];
      /** Steps that can no longer run. */
      skipped: string[];
      /** Set when this was the last step. */
      executionStatus: "succeeded" | "failed" | undefined;
      watched: boolean;
      /** A budget reached a threshold that nobody was told of. */
      alerting: boolean;
    }
  /** The step was no longer the caller's to end: its result is dropped, its calls are still written. */
  | { current: false };

/**
 * Ends a step: its result, calls and log lines, the counters of the steps behind it, and when it was the last the
 * end of the execution and the version's statistics; all in one batch, or nothing. The batch's first statement raises
 * unless the step is the caller's to end, since an UPDATE that touches no row would not roll the rest back.
 */
export async function endStep(engine: Engine, end: StepEnd): Promise<StepEnded> {
  const { db } = engine;
  const { execution, step, outcome } = end;
  const now = engine.clock.now();
  const taken = outcome.status === "succeeded" ? outcome.edgesTaken : [];
  const effects = successorEffects(execution.loaded.graph, step.nodeId, new Set(taken));
  const calls = [
    ...end.calls.flatMap((call) => writeCall(db, execution, step, end.agent, call)),
    ...writeHops(db, execution, step, end.hops),
  ];
  const claim = end.goOn ? [claimNext(db, execution, now)] : [];
  const statements = [
    endStatement(engine, end, now),
    ...calls,
    insertLogs(db, execution, end.log),
    ...(outcome.status === "succeeded" ? writeLessons(db, execution, step, outcome.learned, now) : []),
    ...passOn(db, execution, effects, now),
  ];
  // What is read back stands at the end of the batch, in this order.
  const answers = [
    ...finishWhenDone(db, execution, now),
    selectWatched(db, execution.workspaceId, now),
    selectBudgets(db, execution.workspaceId, execution.executionId),
    markSent(db, execution, now),
  ];

  try {
    // Run again after a fault that hit behind its effect, the batch raises: what it began is then left to the sweeper.
    const results = await retryTransient(() => db.d1.batch([...statements, ...claim, ...answers]));
    const [claimed] = end.goOn ? results.slice(statements.length) : [];
    const [finished, , watched, budgetRows, sent] = results.slice(-answers.length);
    const cascaded = effects.candidates.length > 0 ? results[statements.length - 1] : undefined;
    const next = firstRow(claimedSchema, claimed);
    const budgets = budgetsOf(budgetRows);
    return {
      current: true,
      next: next && claimedStep(next, now, budgets.applying),
      toSend: allRows(nodeSchema, sent).map((row) => row.node_id),
      skipped: allRows(changedSchema, cascaded).flatMap((row) => (row.status === "skipped" ? [row.node_id] : [])),
      executionStatus: firstRow(endedSchema, finished)?.status,
      watched: firstRow(watchedSchema, watched)?.watched === 1,
      alerting: budgets.untold,
    };
  } catch (error) {
    // The step may be run again, and what its calls cost must not be lost by that.
    await writeStrayCalls(engine, execution, step, end.agent, end.calls, end.hops);
    // A workflow that was deleted meanwhile took the step along: its log lines have nothing to belong to.
    if (!violatesCheck(error, "step_is_current") && !violatesForeignKey(error)) throw error;
    return { current: false };
  }
}

const GUARDS: Record<StepGuard, string> = {
  owner: `status = 'running' AND fence = ?4
    AND (SELECT status FROM executions WHERE workspace_id = ?1 AND id = ?2) = 'running'`,
  abandoned: `(status = 'ready' OR status = 'running' AND wake_at <= ?5) AND fence = ?4
    AND (SELECT status FROM executions WHERE workspace_id = ?1 AND id = ?2) IN ('queued', 'running')`,
};

/** Ends the step itself, or raises `step_is_current`. */
function endStatement(engine: Engine, { execution, step, outcome, guard }: StepEnd, now: number): D1PreparedStatement {
  const succeeded = outcome.status === "succeeded" ? outcome : undefined;
  return engine.db.d1
    .prepare(
      `UPDATE steps SET guard = CASE WHEN ${GUARDS[guard]} THEN 0 ELSE 1 END,
         status = ?6, output = ?7, output_key = ?8, edges_taken = ?9, error = ?10,
         provider = coalesce(?11, provider), model = coalesce(?12, model), fallback_used = ?13, completed_at = ?5, wake_at = NULL
       WHERE workspace_id = ?1 AND execution_id = ?2 AND node_id = ?3`,
    )
    .bind(
      execution.workspaceId,
      execution.executionId,
      step.nodeId,
      step.fence,
      now,
      outcome.status,
      succeeded && "text" in succeeded.output ? succeeded.output.text : null,
      succeeded && "key" in succeeded.output ? succeeded.output.key : null,
      succeeded ? JSON.stringify(succeeded.edgesTaken) : null,
      outcome.status === "failed" ? JSON.stringify(outcome.error) : null,
      succeeded?.provider ?? null,
      succeeded?.model ?? null,
      succeeded?.fallbackUsed ? 1 : 0,
    );
}

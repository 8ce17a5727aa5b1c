import { budgetsOf, type PriceBook, readPrices, selectBudgets } from "../../costs/index.ts";
import { retryTransient } from "../../db/transient.ts";
import type { Engine } from "../engine.ts";
import { LEASE_MS } from "../limits.ts";
import type { StepMessage } from "../message.ts";
import { CLAIMED, type ClaimedStep, claimedSchema, claimedStep, STARTED_AT } from "./claimed-step.ts";
import type { LoadedDefinition } from "./definition-cache.ts";
import { loadDefinition } from "./definition-cache.ts";
import { executionRowSchema, firstRow, waitSchema, watchedSchema } from "./rows.ts";
import { EXECUTION_TAKES_ANOTHER, selectExecution, selectWatched } from "./statements.ts";

/** An execution as an invocation holds it while it works on its steps. */
export interface RunningExecution {
  workspaceId: string;
  executionId: string;
  workflowId: string;
  versionId: string;
  input: unknown;
  deadlineAt: number;
  loaded: LoadedDefinition;
  /** As they stood when its step was claimed. Calls that come in late are priced by them as well. */
  prices: PriceBook;
}

export type Claim =
  | { claimed: true; execution: RunningExecution; step: ClaimedStep; watched: boolean; begins: boolean }
  /** Somebody else has it, it has ended, the execution has no place free for it, or it is not due for so long. */
  | { claimed: false; dueInMs: number | null };

/**
 * Takes a ready step for this invocation: one conditional UPDATE, so that of any number of deliveries of its message
 * exactly one gets it. A step that only `maxParallel` keeps back is marked, and the next completion sends for it.
 */
export async function claimStep(engine: Engine, message: StepMessage): Promise<Claim> {
  const { db } = engine;
  const now = engine.clock.now();
  const { workspaceId, executionId, nodeId } = message;
  const prices = readPrices(db, workspaceId);
  const statements = [
    db.d1
      .prepare(
        `UPDATE steps SET status = 'running', fence = fence + 1, wake_at = ?4, held = 0, started_at = ${STARTED_AT}
         WHERE workspace_id = ?1 AND execution_id = ?2 AND node_id = ?5 AND status = 'ready'
           AND coalesce(available_at, 0) <= ?3 AND ${EXECUTION_TAKES_ANOTHER}
         RETURNING ${CLAIMED}`,
      )
      .bind(workspaceId, executionId, now, now + LEASE_MS, nodeId),
    db.d1
      .prepare(
        `UPDATE executions SET status = 'running', started_at = ?3
         WHERE workspace_id = ?1 AND id = ?2 AND status = 'queued' AND changes() = 1 RETURNING id`,
      )
      .bind(workspaceId, executionId, now),
    db.d1
      .prepare(
        `UPDATE steps SET held = 1 WHERE workspace_id = ?1 AND execution_id = ?2 AND node_id = ?4 AND status = 'ready'
           AND held = 0 AND coalesce(available_at, 0) <= ?3 AND NOT ${EXECUTION_TAKES_ANOTHER}`,
      )
      .bind(workspaceId, executionId, now, nodeId),
    selectExecution(db, message),
    selectWatched(db, workspaceId, now),
    prices.statement,
    selectBudgets(db, workspaceId, executionId),
  ];
  const [claim, begin, , row, watched, priceRows, budgetRows] = await retryTransient(() => db.d1.batch(statements));
  const taken = firstRow(claimedSchema, claim);
  const execution = firstRow(executionRowSchema, row);
  if (!taken || !execution) return { claimed: false, dueInMs: await dueIn(engine, message, now) };

  const loaded =
    (await loadDefinition(workspaceId, execution)) ?? (await readDefinition(engine, message, execution.hash));
  return {
    claimed: true,
    watched: firstRow(watchedSchema, watched)?.watched === 1,
    begins: begin?.results.length === 1,
    step: claimedStep(taken, now, budgetsOf(budgetRows).applying),
    execution: {
      workspaceId,
      executionId,
      workflowId: execution.workflow_id,
      versionId: execution.version_id,
      input: JSON.parse(execution.input),
      deadlineAt: execution.deadline_at,
      loaded,
      prices: prices.bookOf(priceRows),
    },
  };
}

/** How long a ready step still waits for its time, or `null` when it does not. */
async function dueIn(
  engine: Engine,
  { workspaceId, executionId, nodeId }: StepMessage,
  now: number,
): Promise<number | null> {
  const row = await engine.db.d1
    .prepare(
      `SELECT available_at - ?4 AS wait FROM steps
       WHERE workspace_id = ?1 AND execution_id = ?2 AND node_id = ?3 AND status = 'ready' AND available_at > ?4`,
    )
    .bind(workspaceId, executionId, nodeId, now)
    .run();
  return firstRow(waitSchema, row)?.wait ?? null;
}

/** Reads a definition that was crowded out of the cache between asking which are there and using it. */
async function readDefinition(engine: Engine, { workspaceId }: StepMessage, hash: string): Promise<LoadedDefinition> {
  const row = await engine.db.d1
    .prepare("SELECT hash, encoding, content FROM snapshots WHERE workspace_id = ?1 AND hash = ?2")
    .bind(workspaceId, hash)
    .run();
  const snapshot = firstRow(executionRowSchema.pick({ hash: true, encoding: true, content: true }), row);
  const loaded = snapshot && (await loadDefinition(workspaceId, snapshot));
  if (!loaded) throw new Error(`snapshot ${hash} of a live execution is missing`);
  return loaded;
}

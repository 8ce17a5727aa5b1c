import { retryTransient, violatesCheck, violatesForeignKey } from "../../db/transient.ts";
import type { Agent } from "../../definitions/index.ts";
import type { ChainCall, Hop } from "../../providers/index.ts";
import type { Engine } from "../engine.ts";
import { SEND_GRACE_MS } from "../limits.ts";
import { writeCall } from "./calls.ts";
import type { RunningExecution } from "./claim-step.ts";
import type { ClaimedStep } from "./claimed-step.ts";
import { markSent } from "./hand-over.ts";
import { writeHops } from "./hops.ts";
import { allRows, firstRow, nodeSchema, watchedSchema } from "./rows.ts";
import { insertLogs, type LogLine, selectWatched } from "./statements.ts";
import { writeStrayCalls } from "./stray-calls.ts";

interface StepRetry {
  execution: RunningExecution;
  step: ClaimedStep;
  agent: Agent;
  availableAt: number;
  /** Whether this is one of the times that it may be run again. */
  usesRetry: boolean;
  calls: readonly ChainCall[];
  /** Where it left one target for another. */
  hops: readonly Hop[];
  log: readonly LogLine[];
}

/**
 * Puts a running step back to ready, to be claimed no earlier than `availableAt`: the caller then sends its message
 * with that delay. Sleeping in the consumer instead would hold a place that other steps could use. Its place under
 * `maxParallel` is free meanwhile: steps that were kept back are returned to be sent.
 */
export async function putBack(
  engine: Engine,
  retry: StepRetry,
): Promise<{ current: boolean; toSend: string[]; watched: boolean }> {
  const { db } = engine;
  const { execution, step } = retry;
  const now = engine.clock.now();
  const calls = [
    ...retry.calls.flatMap((call) => writeCall(db, execution, step, retry.agent, call)),
    ...writeHops(db, execution, step, retry.hops),
  ];
  const back = db.d1
    .prepare(
      `UPDATE steps SET guard = CASE WHEN status = 'running' AND fence = ?4
           AND (SELECT status FROM executions WHERE workspace_id = ?1 AND id = ?2) = 'running' THEN 0 ELSE 1 END,
         status = 'ready', retries = retries + ?8, available_at = ?5, sends = 1, held = 0, wake_at = ?6, put_back_at = ?7
       WHERE workspace_id = ?1 AND execution_id = ?2 AND node_id = ?3`,
    )
    .bind(
      execution.workspaceId,
      execution.executionId,
      step.nodeId,
      step.fence,
      retry.availableAt,
      Math.min(retry.availableAt + SEND_GRACE_MS, Math.max(execution.deadlineAt, now)),
      now,
      retry.usesRetry ? 1 : 0,
    );
  try {
    const statements = [
      back,
      ...calls,
      insertLogs(db, execution, retry.log),
      selectWatched(db, execution.workspaceId, now),
      markSent(db, execution, now),
    ];
    const results = await retryTransient(() => db.d1.batch(statements));
    const [watched, sent] = results.slice(-2);
    return {
      current: true,
      toSend: allRows(nodeSchema, sent).map((row) => row.node_id),
      watched: firstRow(watchedSchema, watched)?.watched === 1,
    };
  } catch (error) {
    // The step is run again all the same, and what its calls cost must not be lost by that.
    await writeStrayCalls(engine, execution, step, retry.agent, retry.calls, retry.hops);
    if (!violatesCheck(error, "step_is_current") && !violatesForeignKey(error)) throw error;
    return { current: false, toSend: [], watched: false };
  }
}

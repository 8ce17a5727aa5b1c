import { isoTime } from "../core/clock.ts";
import type { Ctx } from "../db/context.ts";
import { type IdempotencyKey, isKeyTaken, keepAnswer } from "../db/idempotency.ts";
import { retryTransient, violatesForeignKey, violatesUnique } from "../db/transient.ts";
import type { Engine } from "./engine.ts";
import type { LiveEvent } from "./live-events.ts";
import { insertExecution, insertSteps, type NewExecution, type NewStep } from "./store/insert-execution.ts";
import { firstRow, watchedSchema } from "./store/rows.ts";
import { selectWatched } from "./store/statements.ts";

/** What a trigger does in the batch that starts its execution: both happen, or neither. */
export interface Alongside {
  /**
   * Behind the execution's own, so that a batch that comes twice is told from one whose delivery came twice: the first
   * stumbles over its own execution.
   */
  statements: readonly D1PreparedStatement[];
  /** Told to watchers together with the execution. */
  events: readonly LiveEvent[];
  /** Whether somebody watches, as the trigger's own query has seen: then the batch does not ask. */
  watched: boolean;
}

interface ExecutionToWrite {
  execution: NewExecution;
  steps: readonly NewStep[];
  /** What must hold in the same batch, before the execution is inserted. */
  before: readonly D1PreparedStatement[];
  /** What the same batch does to the steps that were written. */
  after?: readonly D1PreparedStatement[];
  answer: unknown;
  idempotencyKey: IdempotencyKey | undefined;
  alongside?: Alongside | undefined;
}

/**
 * Writes an execution with all its steps in one batch, then sends the first steps' messages. False when nothing was
 * written, because the version changed since it was read or the same Idempotency-Key got there first: read again.
 */
export async function writeExecution(ctx: Ctx, engine: Engine, toWrite: ExecutionToWrite): Promise<boolean> {
  const { execution, steps, idempotencyKey } = toWrite;
  const { executionId, workflowId } = execution;
  const statements = [
    ...toWrite.before,
    ...insertExecution(ctx, execution),
    insertSteps(ctx, executionId, steps),
    ...(toWrite.after ?? []),
    ...(idempotencyKey ? keepAnswer(ctx, idempotencyKey, toWrite.answer) : []),
    ...(toWrite.alongside?.statements ?? []),
  ];
  // Told in doubt: an event too many is harmless.
  let watched = toWrite.alongside?.watched ?? true;
  const asks = toWrite.alongside === undefined ? [selectWatched(ctx.db, ctx.workspaceId, ctx.clock.now())] : [];
  try {
    const results = await retryTransient(() => ctx.db.d1.batch([...statements, ...asks]));
    if (asks.length > 0) watched = firstRow(watchedSchema, results.at(-1))?.watched === 1;
  } catch (error) {
    // Steps without their execution: the version to pin was amended, or committed by somebody else, since it was read.
    if (violatesForeignKey(error) || isKeyTaken(error)) return false;
    // The id is ours alone: when it is taken, a fault hit behind the first try's effect.
    if (!violatesUnique(error, "executions")) throw error;
  }
  const { trigger, retryOf } = execution;
  ctx.log.log("debug", "Engine", "execution started", { executionId, workflowId, trigger: trigger.type, retryOf });
  const ready = steps.filter((step) => step.status === "ready");
  await engine.send(ready.map((step) => ({ workspaceId: ctx.workspaceId, executionId, nodeId: step.nodeId })));
  if (!watched) return true;
  const at = isoTime(ctx.clock.now());
  engine.publish(ctx.workspaceId, [
    { type: "execution", executionId, workflowId, status: "queued", at },
    ...(toWrite.alongside?.events ?? []),
  ]);
  return true;
}

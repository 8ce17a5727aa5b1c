import { z } from "zod";
import { retryTransient } from "../db/transient.ts";
import type { Engine } from "./engine.ts";
import { MAX_GATHERED_BYTES, MAX_INLINE_OUTPUT_BYTES } from "./limits.ts";
import type { RunningExecution } from "./store/claim-step.ts";
import type { ClaimedStep } from "./store/claimed-step.ts";
import { allRows, outputSchema } from "./store/rows.ts";

/** What one invocation remembers of outputs, in characters: the rest is read again when needed. */
const MEMO_CAPACITY = 4_000_000;

/** What a step fails with when it would have to read more than a Worker can hold. */
export const OUTPUTS_TOO_LARGE = {
  code: "outputs_too_large",
  message:
    `The earlier outputs that this step's prompt and conditions look at are larger than ${MAX_GATHERED_BYTES} bytes together. ` +
    "Let earlier steps answer shorter, or refer to fewer of them, and retry the execution.",
};

type ExecutionKey = Pick<RunningExecution, "workspaceId" | "executionId">;

const gatheredSchema = outputSchema.extend({ inline_bytes: z.number() });

/** Outputs of an execution's steps, read when they are needed and remembered for the steps that follow. */
export class Outputs {
  readonly #known = new Map<string, string>();
  #size = 0;

  remember(nodeId: string, text: string): void {
    if (this.#size + text.length > MEMO_CAPACITY) return;
    this.#known.set(nodeId, text);
    this.#size += text.length;
  }

  /**
   * The outputs of those of the given nodes that succeeded; `null` when they are larger than MAX_GATHERED_BYTES
   * together, which would end the Worker and every step beside this one. What is remembered counts too: a step must not
   * fail in one invocation and succeed in another.
   */
  async of(
    engine: Pick<Engine, "db" | "outputs">,
    execution: ExecutionKey,
    nodeIds: readonly string[],
  ): Promise<Map<string, string> | null> {
    const found = new Map<string, string>();
    const missing: string[] = [];
    let left = MAX_GATHERED_BYTES;
    for (const nodeId of nodeIds) {
      const text = this.#known.get(nodeId);
      if (text === undefined) {
        missing.push(nodeId);
        continue;
      }
      found.set(nodeId, text);
      left -= utf8Length(text);
    }
    if (left < 0) return null;
    if (missing.length === 0) return found;
    const rows = allRows(gatheredSchema, await selectOutputs(engine, execution, missing, left));
    left -= rows[0]?.inline_bytes ?? 0;
    if (left < 0) return null;
    for (const row of rows) {
      let text = row.output ?? "";
      if (row.output_key !== null) {
        const object = await engine.outputs.getRange(row.output_key, left + 1);
        if (object === null) throw missingObject(row.output_key);
        if (!object.complete) return null;
        text = object.text;
        left -= utf8Length(text);
        if (left < 0) return null;
      }
      found.set(row.node_id, text);
      this.remember(row.node_id, text);
    }
    return found;
  }
}

/** The rows of steps that succeeded. Their texts are left out when they are too large together to be held. */
function selectOutputs(
  engine: Pick<Engine, "db">,
  execution: ExecutionKey,
  nodeIds: readonly string[],
  maxBytes: number,
): Promise<D1Result> {
  const wanted = `workspace_id = ?1 AND execution_id = ?2 AND status = 'succeeded'
    AND node_id IN (SELECT value FROM json_each(?3))`;
  return engine.db.d1
    .prepare(
      `WITH wanted AS (SELECT coalesce(sum(octet_length(output)), 0) AS bytes FROM steps WHERE ${wanted})
       SELECT node_id, output_key, bytes AS inline_bytes, CASE WHEN bytes <= ?4 THEN output END AS output
       FROM wanted CROSS JOIN steps WHERE ${wanted}`,
    )
    .bind(execution.workspaceId, execution.executionId, JSON.stringify(nodeIds), maxBytes)
    .run();
}

/** A row names its object for as long as it lives: somebody removed the object behind our back. */
export function missingObject(key: string): Error {
  return new Error(`output object ${key} is missing`);
}

/** Keeps an output that is too large for its row in R2, before the step ends: a row never points at nothing. */
export async function storeOutput(
  engine: Engine,
  execution: RunningExecution,
  step: ClaimedStep,
  text: string,
): Promise<{ text: string } | { key: string }> {
  if (text.length * 3 <= MAX_INLINE_OUTPUT_BYTES) return { text };
  if (utf8Length(text) <= MAX_INLINE_OUTPUT_BYTES) return { text };
  const key = outputKey(execution.workspaceId, execution.executionId, step.nodeId, step.fence);
  await announceOutputs(engine, [key]);
  await engine.outputs.put(key, text);
  return { key };
}

/**
 * Writes down keys whose objects come next. When the batch that would name a key never takes effect, because its step
 * was cancelled or lost meanwhile, pruning finds the object by this.
 */
export async function announceOutputs(engine: Pick<Engine, "db" | "clock">, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  const statement = engine.db.d1
    .prepare(
      `INSERT INTO orphaned_outputs (output_key, created_at) SELECT value, ?2 FROM json_each(?1) WHERE true
       ON CONFLICT (output_key) DO UPDATE SET created_at = excluded.created_at`,
    )
    .bind(JSON.stringify(keys), engine.clock.now());
  await retryTransient(() => statement.run());
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}

/** Where a large output lies. The fence keeps an owner that lost its step from writing over its successor's. */
export function outputKey(workspaceId: string, executionId: string, nodeId: string, fence: number): string {
  return `${workspaceId}/${executionId}/${nodeId}/${fence}`;
}

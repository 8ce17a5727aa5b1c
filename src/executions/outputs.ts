import type { Engine } from "./engine.ts";
import { MAX_INLINE_OUTPUT_BYTES } from "./limits.ts";
import type { RunningExecution } from "./store/claim-step.ts";
import type { ClaimedStep } from "./store/claimed-step.ts";
import { allRows, outputSchema } from "./store/rows.ts";

/** What one invocation remembers of outputs, in characters: the rest is read again when needed. */
const MEMO_CAPACITY = 4_000_000;

/** Outputs of an execution's steps, read when they are needed and remembered for the steps that follow. */
export class Outputs {
  readonly #known = new Map<string, string>();
  #size = 0;

  remember(nodeId: string, text: string): void {
    if (this.#size + text.length > MEMO_CAPACITY) return;
    this.#known.set(nodeId, text);
    this.#size += text.length;
  }

  /** The outputs of those of the given nodes that succeeded. */
  async of(engine: Engine, execution: RunningExecution, nodeIds: readonly string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const missing: string[] = [];
    for (const nodeId of nodeIds) {
      const text = this.#known.get(nodeId);
      if (text === undefined) missing.push(nodeId);
      else found.set(nodeId, text);
    }
    if (missing.length === 0) return found;
    const rows = await engine.db.d1
      .prepare(
        `SELECT node_id, output, output_key FROM steps
         WHERE workspace_id = ?1 AND execution_id = ?2 AND status = 'succeeded' AND node_id IN (SELECT value FROM json_each(?3))`,
      )
      .bind(execution.workspaceId, execution.executionId, JSON.stringify(missing))
      .run();
    for (const row of allRows(outputSchema, rows)) {
      const text = await outputText(engine, row);
      found.set(row.node_id, text);
      this.remember(row.node_id, text);
    }
    return found;
  }
}

/** A step's output, from its row or from R2. Throws when the object that the row names is gone. */
export async function outputText(
  engine: Pick<Engine, "outputs">,
  row: { output: string | null; output_key: string | null },
): Promise<string> {
  if (row.output_key === null) return row.output ?? "";
  const text = await engine.outputs.get(row.output_key);
  if (text === null) throw new Error(`output object ${row.output_key} is missing`);
  return text;
}

/** Keeps an output that is too large for its row in R2, before the step ends: a row never points at nothing. */
export async function storeOutput(
  engine: Engine,
  execution: RunningExecution,
  step: ClaimedStep,
  text: string,
): Promise<{ text: string } | { key: string }> {
  if (text.length * 3 <= MAX_INLINE_OUTPUT_BYTES) return { text };
  if (new TextEncoder().encode(text).byteLength <= MAX_INLINE_OUTPUT_BYTES) return { text };
  const key = outputKey(execution.workspaceId, execution.executionId, step.nodeId, step.fence);
  await engine.outputs.put(key, text);
  return { key };
}

/** Where a large output lies. The fence keeps an owner that lost its step from writing over its successor's. */
export function outputKey(workspaceId: string, executionId: string, nodeId: string, fence: number): string {
  return `${workspaceId}/${executionId}/${nodeId}/${fence}`;
}

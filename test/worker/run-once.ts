import { startExecution } from "../../src/executions/index.ts";
import type { Account } from "./accounts.ts";
import { ctxWith, type TestEngine } from "./engine.ts";
import { createWorkflow } from "./workflows.ts";

/** Runs a new workflow once to its end, with the queue in this engine's hands. */
export async function runOnce(
  account: Account,
  engine: TestEngine,
  edges: readonly string[],
  options: Parameters<typeof createWorkflow>[2],
) {
  const workflowId = await createWorkflow(account, edges, options);
  const trigger = { type: "manual", id: null } as const;
  const { executionId } = await startExecution(ctxWith(account, engine), engine, { workflowId, input: "go", trigger });
  await engine.drain();
  return { workflowId, executionId };
}

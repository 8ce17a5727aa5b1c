import { z } from "zod";
import { readPrices } from "../costs/index.ts";
import { messageFor } from "./advance.ts";
import type { Engine } from "./engine.ts";
import type { StepMessage } from "./message.ts";
import { publishStepEnd } from "./publish-step-end.ts";
import { loadDefinition } from "./store/definition-cache.ts";
import { endStep, type StepEnd } from "./store/end-step.ts";
import { executionRowSchema, firstRow } from "./store/rows.ts";
import { selectExecution } from "./store/statements.ts";

const fenceSchema = z.object({ fence: z.number() });

/**
 * Ends a step that nobody works on as failed, with what follows from it. Does nothing when somebody holds its lease,
 * or when it has ended.
 */
export async function failAbandoned(
  engine: Engine,
  message: StepMessage,
  error: { code: string; message: string },
): Promise<void> {
  const { workspaceId, executionId, nodeId } = message;
  const prices = readPrices(engine.db, workspaceId);
  const [executionRow, stepRow, priceRows] = await engine.db.d1.batch([
    selectExecution(engine.db, message),
    engine.db.d1
      .prepare("SELECT fence FROM steps WHERE workspace_id = ?1 AND execution_id = ?2 AND node_id = ?3")
      .bind(workspaceId, executionId, nodeId),
    prices.statement,
  ]);
  const row = firstRow(executionRowSchema, executionRow);
  const step = firstRow(fenceSchema, stepRow);
  if (!row || !step) return;
  const loaded = await loadDefinition(workspaceId, row);
  const agent = loaded?.graph.agentOf.get(nodeId);
  if (!loaded || !agent) throw new Error(`the definition of execution ${executionId} cannot be loaded`);

  const execution = {
    workspaceId,
    executionId,
    workflowId: row.workflow_id,
    versionId: row.version_id,
    input: JSON.parse(row.input),
    deadlineAt: row.deadline_at,
    loaded,
    prices: prices.bookOf(priceRows),
  };
  const now = engine.clock.now();
  const end: StepEnd = {
    execution,
    step: { nodeId, fence: step.fence },
    agent,
    outcome: { status: "failed", error },
    guard: "abandoned",
    calls: [],
    hops: [],
    log: [
      {
        at: now,
        line: `${nodeId}/${step.fence}/${error.code}`,
        level: "error",
        message: `${agent.name} failed: ${error.message}`,
        nodeId,
      },
    ],
    goOn: false,
  };
  const ended = await endStep(engine, end);
  if (!ended.current) return;
  publishStepEnd(engine, end, ended);
  await engine.send(ended.toSend.map((next) => messageFor(execution, next)));
}

import type { Ctx } from "../../db/context.ts";
import type { WorkflowSettings } from "../../definitions/index.ts";
import { DEFAULT_TIMEOUT_SECONDS, SEND_GRACE_MS } from "../limits.ts";

export interface NewExecution {
  executionId: string;
  workflowId: string;
  versionId: string;
  contentHash: string;
  /** Whether the version is marked as executed already. Left out where that is not known. */
  executed?: boolean;
  trigger: { type: "manual" | "schedule" | "webhook" | "retry"; id: string | null };
  retryOf: string | null;
  reusedSteps?: number;
  input: unknown;
  settings: WorkflowSettings;
}

/** A step as it is first written. What was reused from another execution is there already. */
export interface NewStep {
  nodeId: string;
  agentId: string;
  name: string;
  provider: string;
  model: string;
  position: number;
  status: "ready" | "pending" | "succeeded" | "skipped";
  waiting: number;
  taken?: number;
  edgesTaken?: readonly string[];
  output?: string | null;
  outputKey?: string | null;
  startedAt?: number | null;
}

/**
 * The statements that write an execution pinned to a version, and mark the version as executed, unless it is. Number and hash are
 * read in SQL: when the version is gone or holds other content by now, nothing is inserted and the steps that follow
 * fail on their foreign key, which takes the whole batch back.
 */
export function insertExecution(ctx: Ctx, execution: NewExecution): D1PreparedStatement[] {
  const now = ctx.clock.now();
  const insert = ctx.db.d1
    .prepare(
      `INSERT INTO executions (workspace_id, id, workflow_id, version_id, version_number, content_hash, status, trigger_type,
         trigger_id, retry_of, reused_steps, input, max_parallel, created_at, deadline_at)
       SELECT v.workspace_id, ?2, v.workflow_id, v.id, v.number, v.content_hash, 'queued', ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13
       FROM versions v WHERE v.workspace_id = ?1 AND v.id = ?4 AND v.workflow_id = ?3 AND v.content_hash = ?5`,
    )
    .bind(
      ctx.workspaceId,
      execution.executionId,
      execution.workflowId,
      execution.versionId,
      execution.contentHash,
      execution.trigger.type,
      execution.trigger.id,
      execution.retryOf,
      execution.reusedSteps ?? 0,
      JSON.stringify(execution.input ?? null),
      execution.settings.maxParallel ?? null,
      now,
      now + (execution.settings.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1_000,
    );
  if (execution.executed === true) return [insert];
  const mark = ctx.db.d1
    .prepare("UPDATE versions SET executed = 1 WHERE workspace_id = ?1 AND id = ?2 AND executed = 0")
    .bind(ctx.workspaceId, execution.versionId);
  return [insert, mark];
}

/** The statement that writes all steps of an execution at once. Ready ones count as sent: the caller sends them next. */
export function insertSteps(ctx: Ctx, executionId: string, steps: readonly NewStep[]): D1PreparedStatement {
  const now = ctx.clock.now();
  return ctx.db.d1
    .prepare(
      `INSERT INTO steps (workspace_id, execution_id, node_id, agent_id, name, provider, model, position, status, waiting, taken,
         sends, wake_at, edges_taken, output, output_key, reused, started_at, completed_at)
       SELECT ?1, ?2, value ->> 'nodeId', value ->> 'agentId', value ->> 'name', value ->> 'provider', value ->> 'model',
         value ->> 'position', value ->> 'status', value ->> 'waiting', coalesce(value ->> 'taken', 0),
         value ->> 'status' = 'ready', CASE WHEN value ->> 'status' = 'ready' THEN ?5 END,
         value -> 'edgesTaken', value ->> 'output', value ->> 'outputKey', value ->> 'status' = 'succeeded',
         CASE WHEN value ->> 'status' = 'succeeded' THEN coalesce(value ->> 'startedAt', ?4) END,
         CASE WHEN value ->> 'status' IN ('succeeded', 'skipped') THEN ?4 END
       FROM json_each(?3)`,
    )
    .bind(ctx.workspaceId, executionId, JSON.stringify(steps), now, now + SEND_GRACE_MS);
}

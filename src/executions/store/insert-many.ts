import type { Db } from "../../db/client.ts";
import { SEND_GRACE_MS } from "../limits.ts";

/** An execution to be written, as the statements here read it from JSON. */
export interface WantedExecution {
  workspaceId: string;
  workflowId: string;
  executionId: string;
  versionId: string;
  contentHash: string;
  triggerType: "schedule";
  triggerId: string;
  /** JSON, as text. */
  input: string;
  maxParallel: number | null;
  deadlineAt: number;
  /** Place of its steps in the list of plans. */
  plan: number;
  claim: Record<string, string | number>;
}

/**
 * The statement that writes those executions that the gate admits and whose version still holds what was read. One
 * that is there already stays as it is.
 *
 * @param wanted JSON array of {@link WantedExecution}
 * @param admits an SQL condition over `wanted.value`
 */
export function insertMany(db: Db, wanted: string, admits: string, now: number): D1PreparedStatement {
  return db.d1
    .prepare(
      `INSERT INTO executions (workspace_id, id, workflow_id, version_id, version_number, content_hash, status, trigger_type,
         trigger_id, input, max_parallel, created_at, deadline_at)
       SELECT v.workspace_id, wanted.value ->> 'executionId', v.workflow_id, v.id, v.number, v.content_hash, 'queued',
         wanted.value ->> 'triggerType', wanted.value ->> 'triggerId', wanted.value ->> 'input',
         wanted.value ->> 'maxParallel', ?2, wanted.value ->> 'deadlineAt'
       FROM json_each(?1) AS wanted
       CROSS JOIN versions v ON v.workspace_id = wanted.value ->> 'workspaceId' AND v.id = wanted.value ->> 'versionId'
         AND v.workflow_id = wanted.value ->> 'workflowId' AND v.content_hash = wanted.value ->> 'contentHash'
       WHERE ${admits}
       ON CONFLICT DO NOTHING`,
    )
    .bind(wanted, now);
}

/** What was executed is neither amended nor pruned. */
export function markExecuted(db: Db, wanted: string): D1PreparedStatement {
  return db.d1
    .prepare(
      `UPDATE versions SET executed = 1 WHERE executed = 0 AND (workspace_id, id) IN (
         SELECT e.workspace_id, e.version_id FROM json_each(?1) AS wanted
         CROSS JOIN executions e ON e.workspace_id = wanted.value ->> 'workspaceId' AND e.id = wanted.value ->> 'executionId')`,
    )
    .bind(wanted);
}

/**
 * The statement that writes the steps of those executions that are there. Ready ones count as sent: the caller sends
 * them next.
 *
 * @param plans JSON array of arrays of planned steps
 */
export function insertManySteps(db: Db, wanted: string, plans: string, now: number): D1PreparedStatement {
  return db.d1
    .prepare(
      `WITH step AS MATERIALIZED (
         SELECT plan.key AS plan, each.value AS value FROM json_each(?2) AS plan CROSS JOIN json_each(plan.value) AS each
       )
       INSERT INTO steps (workspace_id, execution_id, node_id, agent_id, name, provider, model, position, status, waiting,
         taken, sends, wake_at)
       SELECT e.workspace_id, e.id, step.value ->> 'nodeId', step.value ->> 'agentId', step.value ->> 'name',
         step.value ->> 'provider', step.value ->> 'model', step.value ->> 'position', step.value ->> 'status',
         step.value ->> 'waiting', 0, step.value ->> 'status' = 'ready', CASE WHEN step.value ->> 'status' = 'ready' THEN ?3 END
       FROM json_each(?1) AS wanted
       CROSS JOIN executions e ON e.workspace_id = wanted.value ->> 'workspaceId' AND e.id = wanted.value ->> 'executionId'
         AND e.status = 'queued'
       CROSS JOIN step ON step.plan = wanted.value ->> 'plan'
       WHERE true ON CONFLICT DO NOTHING`,
    )
    .bind(wanted, plans, now + SEND_GRACE_MS);
}

/** Which of them are there, and whether somebody watches their workspaces now. */
export function watchedAmong(db: Db, wanted: string, now: number): D1PreparedStatement {
  return db.d1
    .prepare(
      `SELECT e.id, EXISTS (SELECT 1 FROM live_watches l WHERE l.workspace_id = e.workspace_id AND l.until > ?2) AS watched
       FROM json_each(?1) AS wanted
       CROSS JOIN executions e ON e.workspace_id = wanted.value ->> 'workspaceId' AND e.id = wanted.value ->> 'executionId'`,
    )
    .bind(wanted, now);
}

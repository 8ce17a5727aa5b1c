import { randomIds } from "../../../src/core/ids.ts";
import type { Env } from "../../../src/env.ts";

const PAGE = 500;
const SEND_BATCH = 100;
const AN_HOUR_MS = 3_600_000;

interface DueRow {
  workspace_id: string;
  id: string;
  workflow_id: string;
  next_run_at: number;
}

/**
 * The barest dispatcher: reads what is due a page at a time, moves it on, writes an execution with its two steps and a
 * run for each, all in one batch of plain statements, and sends the first steps' messages. It leaves the same rows in the
 * same tables as Swarm's, and reads no expression, no definition, no condition and no key; nothing keeps it from starting
 * a run twice.
 */
export async function dispatchBare({ DB, EXECUTIONS }: Pick<Env, "DB" | "EXECUTIONS">, now: number): Promise<number> {
  const ids = randomIds({ now: () => now });
  for (let started = 0; ; ) {
    const { results } = await DB.prepare(
      `SELECT workspace_id, id, workflow_id, next_run_at FROM schedules
       WHERE enabled = 1 AND next_run_at IS NOT NULL AND next_run_at <= ?1 ORDER BY next_run_at LIMIT ?2`,
    )
      .bind(now, PAGE)
      .run<DueRow>();
    if (results.length === 0) return started;
    const runs = results.map((row) => ({ ...row, executionId: ids.next() }));
    const json = JSON.stringify(runs);
    await DB.batch(STATEMENTS.map((sql) => DB.prepare(sql).bind(json, now)));
    const messages = runs.map(({ workspace_id: workspaceId, executionId }) => ({
      body: { workspaceId, executionId, nodeId: "a" },
    }));
    for (let sent = 0; sent < messages.length; sent += SEND_BATCH) {
      await EXECUTIONS.sendBatch(messages.slice(sent, sent + SEND_BATCH));
    }
    started += results.length;
  }
}

const STATEMENTS = [
  `UPDATE schedules SET next_run_at = ?2 + ${AN_HOUR_MS}, last_run_at = ?2, execution_count = execution_count + 1, revision = revision + 1
   FROM json_each(?1) AS due
   WHERE schedules.workspace_id = due.value ->> 'workspace_id' AND schedules.id = due.value ->> 'id'`,
  `INSERT INTO executions (workspace_id, id, workflow_id, version_id, version_number, content_hash, status, trigger_type,
     trigger_id, input, created_at, deadline_at)
   SELECT due.value ->> 'workspace_id', due.value ->> 'executionId', due.value ->> 'workflow_id', 'v', 1, 'h', 'queued',
     'schedule', due.value ->> 'id', '"go"', ?2, ?2 + ${AN_HOUR_MS}
   FROM json_each(?1) AS due`,
  `INSERT INTO steps (workspace_id, execution_id, node_id, agent_id, name, position, status, waiting, taken, wake_at, sends)
   SELECT due.value ->> 'workspace_id', due.value ->> 'executionId', node.value, 'agent-' || node.value, node.value, node.key,
     iif(node.key = 0, 'ready', 'pending'), node.key, 0, iif(node.key = 0, ?2 + 60000, NULL), iif(node.key = 0, 1, 0)
   FROM json_each(?1) AS due CROSS JOIN json_each('["a", "b"]') AS node`,
  `INSERT INTO schedule_runs (workspace_id, schedule_id, scheduled_for, attempt, status, execution_id, open)
   SELECT due.value ->> 'workspace_id', due.value ->> 'id', due.value ->> 'next_run_at', 1, 'running', due.value ->> 'executionId', 1
   FROM json_each(?1) AS due WHERE ?2 > 0`,
];

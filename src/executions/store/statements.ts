import type { Db } from "../../db/client.ts";
import { cachedHashes } from "./definition-cache.ts";

/** Which execution, in which workspace. */
export interface ExecutionKey {
  workspaceId: string;
  executionId: string;
}

/** A line of an execution's log. `line` tells lines of one millisecond apart. */
export interface LogLine {
  at: number;
  line: string;
  level: "info" | "warn" | "error";
  message: string;
  nodeId: string | null;
  data?: Record<string, unknown>;
}

/**
 * True in a claim when the execution is live, in time, and below its limit of steps at once. Counting in the claim's
 * own WHERE keeps two claims at once from both seeing the last free place. ?1 workspace, ?2 execution, ?3 now.
 */
export const EXECUTION_TAKES_ANOTHER = `EXISTS (SELECT 1 FROM executions e
  WHERE e.workspace_id = ?1 AND e.id = ?2 AND e.status IN ('queued', 'running') AND e.deadline_at > ?3
    AND (e.max_parallel IS NULL OR e.max_parallel >
      (SELECT count(*) FROM steps r WHERE r.workspace_id = ?1 AND r.execution_id = ?2 AND r.status = 'running')))`;

/** The execution and its definition, whose content is left out when this isolate has it already. */
export function selectExecution(db: Db, key: ExecutionKey): D1PreparedStatement {
  return db.d1
    .prepare(
      `SELECT e.id, e.workflow_id, e.version_id, e.status, e.input, e.deadline_at, s.hash,
         CASE WHEN known.value IS NULL THEN s.encoding END AS encoding,
         CASE WHEN known.value IS NULL THEN s.content END AS content
       FROM executions e
       JOIN snapshots s ON s.workspace_id = e.workspace_id AND s.hash = e.content_hash
       LEFT JOIN json_each(?3) known ON known.value = s.hash
       WHERE e.workspace_id = ?1 AND e.id = ?2`,
    )
    .bind(key.workspaceId, key.executionId, JSON.stringify(cachedHashes(key.workspaceId)));
}

/** Whether somebody watches the workspace now. Read in the batches of the engine, so that it costs no trip of its own. */
export function selectWatched(db: Db, workspaceId: string, now: number): D1PreparedStatement {
  return db.d1
    .prepare("SELECT count(*) AS watched FROM live_watches WHERE workspace_id = ?1 AND until > ?2")
    .bind(workspaceId, now);
}

/** Writes log lines; a line that is there already stays. */
export function insertLogs(db: Db, key: ExecutionKey, lines: readonly LogLine[]): D1PreparedStatement {
  const rows = lines.map(({ data, ...line }) => ({ ...line, data: data === undefined ? null : JSON.stringify(data) }));
  return db.d1
    .prepare(
      `INSERT INTO logs (workspace_id, execution_id, at, line, level, message, node_id, data)
       SELECT ?1, ?2, value ->> 'at', value ->> 'line', value ->> 'level', value ->> 'message', value ->> 'nodeId', value ->> 'data'
       FROM json_each(?3) WHERE true ON CONFLICT DO NOTHING`,
    )
    .bind(key.workspaceId, key.executionId, JSON.stringify(rows));
}

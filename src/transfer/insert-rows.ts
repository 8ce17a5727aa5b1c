/** A row as its columns hold it, without its workspace. */
export type Row = Record<string, string | number | null>;

/** Of the JSON that one statement carries, in UTF-16 units. D1 takes 2 MB of UTF-8 a value. */
const MAX_CHUNK = 600_000;

/** The columns of the tables that imports fill, beside `workspace_id`. */
const COLUMNS = {
  versions: [
    ...["id", "workflow_id", "number", "kind", "message", "content_hash", "parent_version_id", "created_by"],
    ...["author_name", "created_at", "executed"],
  ],
  version_tags: ["workflow_id", "tag", "version_id", "weight", "moved_at"],
  schedules: [
    ...["id", "workflow_id", "cron_expression", "timezone", "enabled", "input", "version", "pinned_version_id"],
    ...["dst_gap", "dst_overlap", "overlap", "catch_up", "start_at", "end_at", "jitter_seconds", "condition"],
    ...["after_workflow_id", "pause_after_failures", "max_retries", "retry_delay_seconds", "next_run_at"],
    ...["created_at", "updated_at"],
  ],
  webhooks: [
    ...["id", "workflow_id", "enabled", "secret_hash", "secret", "ip_whitelist", "payload_transformer", "signature"],
    ...["signing_secret", "rate_limit", "rate_window_seconds", "rotate_after_days", "rotate_at", "version"],
    ...["pinned_version_id", "created_by", "created_at", "updated_at"],
  ],
  executions: [
    ...[
      "id",
      "workflow_id",
      "version_id",
      "version_number",
      "content_hash",
      "status",
      "trigger_type",
      "input",
      "error",
    ],
    ...["created_at", "started_at", "completed_at", "deadline_at", "cost_nano_usd", "priced_calls", "unpriced_calls"],
    ...["input_tokens", "output_tokens", "imported"],
  ],
  steps: [
    ...["execution_id", "node_id", "agent_id", "name", "position", "status", "waiting", "taken", "output"],
    ...["edges_taken", "error", "provider", "model", "fallback_used", "reused", "imported", "started_at"],
    "completed_at",
  ],
} as const satisfies Record<string, readonly string[]>;

/** Somebody may delete a workflow while the file that brought it is still being read: its schedules are not missed. */
const STILL_THERE = ["workflow_id", "after_workflow_id"]
  .map(
    (column) => `(value ->> '${column}' IS NULL
      OR EXISTS (SELECT 1 FROM workflows w WHERE w.workspace_id = ?1 AND w.id = value ->> '${column}'))`,
  )
  .join(" AND ");

/**
 * The statements that write rows of one table into a workspace: many rows in one, as JSON. What is there already is
 * left alone, so that a batch may be sent again. A column that a row leaves out becomes NULL.
 */
export function insertRows(
  d1: D1Database,
  workspaceId: string,
  table: keyof typeof COLUMNS,
  rows: readonly Row[],
): D1PreparedStatement[] {
  const columns: readonly string[] = COLUMNS[table];
  const into = `INSERT INTO ${table} (workspace_id, ${columns.join(", ")})`;
  const many = `${into} SELECT ?1, ${columns.map((column) => `value ->> '${column}'`).join(", ")}
    FROM json_each(?2) WHERE ${table === "schedules" ? STILL_THERE : "true"} ON CONFLICT DO NOTHING`;
  const one = `${into} VALUES (?, ${columns.map(() => "?").join(", ")}) ON CONFLICT DO NOTHING`;
  const { chunks, large } = chunksOf(rows);
  return [
    ...chunks.map((json) => d1.prepare(many).bind(workspaceId, json)),
    ...large.map((row) => d1.prepare(one).bind(workspaceId, ...columns.map((column) => row[column] ?? null))),
  ];
}

/** JSON arrays of rows, each as short as D1 takes, and the rows that are longer on their own. */
function chunksOf(rows: readonly Row[]): { chunks: string[]; large: Row[] } {
  const chunks: string[] = [];
  const large: Row[] = [];
  let open: string[] = [];
  let length = 0;
  const close = () => {
    if (open.length > 0) chunks.push(`[${open.join(",")}]`);
    open = [];
    length = 0;
  };
  for (const row of rows) {
    const json = JSON.stringify(row);
    if (json.length > MAX_CHUNK) {
      large.push(row);
      continue;
    }
    if (length + json.length > MAX_CHUNK) close();
    open.push(json);
    length += json.length;
  }
  close();
  return { chunks, large };
}

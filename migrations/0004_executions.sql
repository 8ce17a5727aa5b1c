CREATE TABLE executions (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  workflow_id TEXT NOT NULL,
  version_id TEXT NOT NULL,
  version_number INTEGER NOT NULL,
  content_hash TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  trigger_type TEXT NOT NULL CHECK (trigger_type IN ('manual', 'schedule', 'webhook', 'retry')),
  trigger_id TEXT,
  retry_of TEXT,
  reused_steps INTEGER NOT NULL DEFAULT 0,
  -- JSON.
  input TEXT NOT NULL,
  -- JSON {code, message}: what ended the execution, where it was not a step of its own.
  error TEXT,
  max_parallel INTEGER,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  completed_at INTEGER,
  deadline_at INTEGER NOT NULL,
  cost_nano_usd INTEGER NOT NULL DEFAULT 0,
  priced_calls INTEGER NOT NULL DEFAULT 0,
  unpriced_calls INTEGER NOT NULL DEFAULT 0,
  input_tokens INTEGER NOT NULL DEFAULT 0,
  output_tokens INTEGER NOT NULL DEFAULT 0,
  -- Set to 1 by a write that found the execution ended already, which aborts its batch.
  guard INTEGER NOT NULL DEFAULT 0 CONSTRAINT execution_is_live CHECK (guard = 0),
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, workflow_id) REFERENCES workflows (workspace_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX executions_by_workflow ON executions (workspace_id, workflow_id, id);

-- The steps of executions, which are also the outbox of the queue: what is ready here is sent, and sent again.
CREATE TABLE steps (
  workspace_id TEXT NOT NULL,
  execution_id TEXT NOT NULL,
  node_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  name TEXT NOT NULL,
  -- Place in the topological order of the graph.
  position INTEGER NOT NULL,
  status TEXT NOT NULL
    CHECK (status IN ('pending', 'ready', 'running', 'succeeded', 'failed', 'skipped', 'cancelled')),
  -- Incoming edges whose source has not ended, and incoming edges that were taken.
  waiting INTEGER NOT NULL,
  taken INTEGER NOT NULL,
  -- A ready step is not claimed before this time (back-off).
  available_at INTEGER,
  -- When the sweeper must look: the end of a running step's lease, or of a sent message's grace.
  wake_at INTEGER,
  sends INTEGER NOT NULL DEFAULT 0,
  -- 1 when a message came while maxParallel steps were running: the next completion sends for it.
  held INTEGER NOT NULL DEFAULT 0,
  -- Counts claims. Whoever holds an older number has lost the step.
  fence INTEGER NOT NULL DEFAULT 0,
  -- Leases that expired, and retries after a provider's failure.
  losses INTEGER NOT NULL DEFAULT 0,
  retries INTEGER NOT NULL DEFAULT 0,
  put_back_at INTEGER,
  output TEXT,
  -- Key in R2 of an output that is too large for a row.
  output_key TEXT,
  -- JSON array with the ids of the outgoing edges that were taken.
  edges_taken TEXT,
  -- JSON {code, message}.
  error TEXT,
  provider TEXT,
  model TEXT,
  fallback_used INTEGER NOT NULL DEFAULT 0,
  -- 1 when the result was taken over from the execution that this one retries.
  reused INTEGER NOT NULL DEFAULT 0,
  started_at INTEGER,
  completed_at INTEGER,
  -- Set to 1 by a write whose owner has lost the step, which aborts its batch.
  guard INTEGER NOT NULL DEFAULT 0 CONSTRAINT step_is_current CHECK (guard = 0),
  PRIMARY KEY (execution_id, node_id),
  FOREIGN KEY (workspace_id, execution_id) REFERENCES executions (workspace_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX steps_by_wake ON steps (wake_at) WHERE wake_at IS NOT NULL;

-- Objects in R2 whose step is gone. The sweeper removes them.
CREATE TABLE orphaned_outputs (
  output_key TEXT NOT NULL PRIMARY KEY
) WITHOUT ROWID;

CREATE TRIGGER steps_leave_outputs AFTER DELETE ON steps WHEN OLD.output_key IS NOT NULL
BEGIN
  INSERT OR IGNORE INTO orphaned_outputs (output_key) VALUES (OLD.output_key);
END;

-- One row a call to a provider.
CREATE TABLE attempts (
  workspace_id TEXT NOT NULL,
  execution_id TEXT NOT NULL,
  node_id TEXT NOT NULL,
  fence INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('succeeded', 'failed')),
  error_kind TEXT,
  http_status INTEGER,
  wait_ms INTEGER NOT NULL,
  latency_ms INTEGER NOT NULL,
  -- Why this target was tried now.
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (execution_id, node_id, fence, attempt),
  FOREIGN KEY (workspace_id, execution_id) REFERENCES executions (workspace_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

-- The ledger: one row a call that consumed tokens, whatever became of it. It outlives the execution: the money was spent.
CREATE TABLE execution_costs (
  workspace_id TEXT NOT NULL,
  execution_id TEXT NOT NULL,
  node_id TEXT NOT NULL,
  fence INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  workflow_id TEXT NOT NULL,
  version_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  agent_role TEXT NOT NULL,
  provider TEXT NOT NULL,
  model_asked TEXT NOT NULL,
  model TEXT NOT NULL,
  -- Totals: cached and cache-write tokens are part of the input, reasoning is part of the output.
  input_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  cache_write_1h_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  -- NULL when no price is known.
  cost_nano_usd INTEGER,
  -- JSON of the price that was applied.
  price TEXT,
  at INTEGER NOT NULL,
  PRIMARY KEY (execution_id, node_id, fence, attempt)
) WITHOUT ROWID;

CREATE TABLE logs (
  workspace_id TEXT NOT NULL,
  execution_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  -- Tells lines of one millisecond apart, and makes writing one twice impossible.
  line TEXT NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('info', 'warn', 'error')),
  message TEXT NOT NULL,
  node_id TEXT,
  -- JSON object.
  data TEXT,
  PRIMARY KEY (execution_id, at, line),
  FOREIGN KEY (workspace_id, execution_id) REFERENCES executions (workspace_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

-- Workspaces that somebody watches now. Engines publish events only for these.
CREATE TABLE live_watches (
  workspace_id TEXT NOT NULL PRIMARY KEY,
  until INTEGER NOT NULL
) WITHOUT ROWID;

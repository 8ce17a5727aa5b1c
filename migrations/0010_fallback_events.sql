-- Where a step left one target for another. Written with the calls, under their key.
CREATE TABLE fallback_events (
  workspace_id TEXT NOT NULL,
  execution_id TEXT NOT NULL,
  node_id TEXT NOT NULL,
  fence INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  workflow_id TEXT NOT NULL,
  from_provider TEXT NOT NULL,
  from_model TEXT NOT NULL,
  to_provider TEXT NOT NULL,
  to_model TEXT NOT NULL,
  reason TEXT NOT NULL,
  success INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (execution_id, node_id, fence, attempt),
  FOREIGN KEY (workspace_id, execution_id) REFERENCES executions (workspace_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX fallback_events_by_time ON fallback_events (workspace_id, at);

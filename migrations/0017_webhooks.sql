-- Public addresses that start a workflow's executions.
CREATE TABLE webhooks (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  workflow_id TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  -- SHA-256 of the secret in the address, to find the row by; and the secret sealed, to show it again.
  secret_hash TEXT NOT NULL,
  secret TEXT NOT NULL,
  -- The secret before, while it still opens.
  previous_hash TEXT,
  previous_secret TEXT,
  previous_valid_until INTEGER,
  -- JSON array of addresses and networks. Empty: any.
  ip_whitelist TEXT NOT NULL,
  -- JSON object of expressions by field. NULL: the payload is the input.
  payload_transformer TEXT,
  -- JSON {scheme, header, encoding, prefix}.
  signature TEXT NOT NULL,
  -- Sealed: the sender's own signing secret. NULL: the secret of the address signs.
  signing_secret TEXT,
  rate_limit INTEGER NOT NULL,
  rate_window_seconds INTEGER NOT NULL,
  rotate_after_days INTEGER,
  -- When the cron replaces the secret. NULL: never.
  rotate_at INTEGER,
  -- A version's id, number or tag. NULL: the draft.
  version TEXT,
  -- The version that is named by id or number. NULL where version is a tag, which may move.
  pinned_version_id TEXT,
  trigger_count INTEGER NOT NULL DEFAULT 0,
  last_triggered_at INTEGER,
  created_by TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, id),
  CONSTRAINT previous_secret_is_whole CHECK ((previous_hash IS NULL) = (previous_secret IS NULL)
    AND (previous_hash IS NULL) = (previous_valid_until IS NULL)),
  FOREIGN KEY (workspace_id, workflow_id) REFERENCES workflows (workspace_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX webhooks_by_workflow ON webhooks (workspace_id, workflow_id, id);
CREATE UNIQUE INDEX webhooks_by_secret ON webhooks (workflow_id, secret_hash);
CREATE INDEX webhooks_by_previous_secret ON webhooks (workflow_id, previous_hash) WHERE previous_hash IS NOT NULL;
CREATE INDEX webhooks_by_pin ON webhooks (workspace_id, pinned_version_id) WHERE pinned_version_id IS NOT NULL;
CREATE INDEX webhooks_by_rotation ON webhooks (rotate_at) WHERE rotate_at IS NOT NULL;

-- The truth about repeated deliveries: what the first of each started, for a day.
CREATE TABLE webhook_deliveries (
  workspace_id TEXT NOT NULL,
  webhook_id TEXT NOT NULL,
  delivery_id TEXT NOT NULL,
  execution_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (webhook_id, delivery_id),
  FOREIGN KEY (workspace_id, webhook_id) REFERENCES webhooks (workspace_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at);

-- Calls with a workflow's id and a secret of none of its webhooks.
CREATE TABLE webhook_misses (
  workspace_id TEXT NOT NULL,
  workflow_id TEXT NOT NULL,
  count INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, workflow_id),
  FOREIGN KEY (workspace_id, workflow_id) REFERENCES workflows (workspace_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

-- Gates of webhooks that are gone, which still hold calls and their payloads. The cron empties them.
CREATE TABLE orphaned_gates (
  webhook_id TEXT NOT NULL PRIMARY KEY,
  deleted_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER webhooks_leave_gates AFTER DELETE ON webhooks
BEGIN
  INSERT OR IGNORE INTO orphaned_gates (webhook_id, deleted_at) VALUES (OLD.id, unixepoch('now') * 1000);
END;

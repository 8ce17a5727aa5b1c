-- A definition's canonical JSON, stored once per workspace under its SHA-256.
CREATE TABLE snapshots (
  workspace_id TEXT NOT NULL,
  hash TEXT NOT NULL,
  -- 'json': as it is; 'gzip': gzip in base64, where that is shorter.
  encoding TEXT NOT NULL CHECK (encoding IN ('json', 'gzip')),
  content TEXT NOT NULL,
  -- Refreshed whenever something points at it anew: only what is old and unreferenced is removed.
  touched_at INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, hash)
) WITHOUT ROWID;

CREATE TABLE workflows (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  -- The draft is the snapshot of this hash.
  draft_hash TEXT NOT NULL,
  -- Counts saves, for If-Match.
  revision INTEGER NOT NULL,
  created_by TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  -- Set to 1 by a write that found a revision other than the one expected, which aborts its batch.
  conflict INTEGER NOT NULL DEFAULT 0 CONSTRAINT revision_is_current CHECK (conflict = 0),
  PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;

CREATE TABLE versions (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  workflow_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('manual', 'auto', 'restore', 'import')),
  message TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  parent_version_id TEXT,
  created_by TEXT,
  created_at INTEGER NOT NULL,
  -- 1 from the first execution on: such a version is neither amended nor pruned.
  executed INTEGER NOT NULL DEFAULT 0,
  succeeded_count INTEGER NOT NULL DEFAULT 0,
  failed_count INTEGER NOT NULL DEFAULT 0,
  cancelled_count INTEGER NOT NULL DEFAULT 0,
  duration_ms_sum INTEGER NOT NULL DEFAULT 0,
  cost_nano_usd_sum INTEGER NOT NULL DEFAULT 0,
  priced_count INTEGER NOT NULL DEFAULT 0,
  input_tokens_sum INTEGER NOT NULL DEFAULT 0,
  output_tokens_sum INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, workflow_id) REFERENCES workflows (workspace_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE UNIQUE INDEX versions_by_number ON versions (workspace_id, workflow_id, number);
CREATE INDEX versions_by_content ON versions (workspace_id, content_hash);

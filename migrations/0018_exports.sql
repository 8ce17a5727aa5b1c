-- Exports of many workflows, written to R2 by a queued job.
CREATE TABLE exports (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  -- 'ready' once the whole file lies in R2, and never before.
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'ready', 'failed', 'expired')),
  -- JSON: what goes into the file.
  options TEXT NOT NULL,
  -- JSON array of workflow ids in the order of the file.
  workflow_ids TEXT NOT NULL,
  done INTEGER NOT NULL DEFAULT 0,
  total INTEGER NOT NULL,
  -- Counts claims. Each writes an object of its own, and whoever holds an older number has lost the export.
  attempt INTEGER NOT NULL DEFAULT 0,
  -- The unfinished upload of the latest claim, to be aborted by the next one.
  upload_id TEXT,
  size_bytes INTEGER,
  secret_findings INTEGER NOT NULL DEFAULT 0,
  -- JSON {code, message, details}: why it failed.
  error TEXT,
  -- When the cron looks: to send for it again, to give it up, or to remove its file. NULL once nothing is left to do.
  wake_at INTEGER,
  created_by TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;

CREATE INDEX exports_by_wake ON exports (wake_at) WHERE wake_at IS NOT NULL;

-- 1: it came out of a file. It is shown, and was never run here: no call of it stands in the ledger.
ALTER TABLE executions ADD COLUMN imported INTEGER NOT NULL DEFAULT 0;
-- JSON {attempts, inputTokens, outputTokens, costNanoUsd} of an imported execution's step, for want of a ledger.
ALTER TABLE steps ADD COLUMN imported TEXT;
-- Who made an imported version: a person of another installation.
ALTER TABLE versions ADD COLUMN author_name TEXT;

-- Imports look for workflows of the same name.
CREATE INDEX workflows_by_name ON workflows (workspace_id, name);

-- Files that are too large to be imported within a request.
CREATE TABLE imports (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  -- 'uploading' while the file is still being written to R2, where it lies until the import has ended.
  status TEXT NOT NULL CHECK (status IN ('uploading', 'queued', 'running', 'succeeded', 'failed')),
  file_key TEXT NOT NULL,
  file_kind TEXT CHECK (file_kind IN ('json', 'zip')),
  file_bytes INTEGER,
  conflict TEXT NOT NULL CHECK (conflict IN ('skip', 'rename', 'overwrite')),
  dry_run INTEGER NOT NULL,
  -- How many workflows the file holds. NULL until it was found to be without a fault.
  total INTEGER,
  -- JSON array of {path, message}: why nothing was imported.
  errors TEXT,
  created_by TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  -- When the cron sends for it again, or gives it up. NULL once it has ended.
  wake_at INTEGER,
  sends INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;

CREATE INDEX imports_by_wake ON imports (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX imports_by_age ON imports (created_at);

-- What became of each workflow of a file. Written in the batch that makes the workflow visible: delivered again, a
-- message finds what is done.
CREATE TABLE import_items (
  workspace_id TEXT NOT NULL,
  import_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  -- The workflow's id where it was exported, which others in the file name it by.
  source_id TEXT,
  workflow_id TEXT,
  -- JSON {name, action, workflowId, warnings, errors}.
  result TEXT NOT NULL,
  -- JSON array of schedules that wait for a workflow further on in the file.
  waiting TEXT,
  PRIMARY KEY (workspace_id, import_id, position),
  FOREIGN KEY (workspace_id, import_id) REFERENCES imports (workspace_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

-- Workspaces that nobody belongs to: the rows of one workflow are gathered there before one batch moves them.
CREATE TABLE import_stages (
  stage TEXT NOT NULL PRIMARY KEY,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX import_stages_by_age ON import_stages (created_at);

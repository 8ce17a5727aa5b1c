-- A tag names one version of its workflow, or shares itself out over several by weight.
CREATE TABLE version_tags (
  workspace_id TEXT NOT NULL,
  workflow_id TEXT NOT NULL,
  tag TEXT NOT NULL,
  version_id TEXT NOT NULL,
  weight INTEGER NOT NULL CHECK (weight > 0),
  moved_at INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, workflow_id, tag, version_id),
  FOREIGN KEY (workspace_id, version_id) REFERENCES versions (workspace_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX version_tags_by_version ON version_tags (workspace_id, version_id);

CREATE TABLE retention_settings (
  workspace_id TEXT NOT NULL PRIMARY KEY,
  auto_versions_kept INTEGER NOT NULL,
  auto_version_days INTEGER NOT NULL
) WITHOUT ROWID;

-- What pruning looks at: automatic versions that nobody has executed, by age; and drafts, by content.
CREATE INDEX versions_prunable ON versions (created_at) WHERE kind = 'auto' AND executed = 0;
CREATE INDEX workflows_by_draft ON workflows (workspace_id, draft_hash);

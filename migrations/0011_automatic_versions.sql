-- Ranks a workflow's automatic versions by number, and tells which of them may go, without reading their rows.
CREATE INDEX versions_automatic ON versions (workspace_id, workflow_id, number, created_at, executed) WHERE kind = 'auto';

-- The most that may be asked for: a larger number could be read in the settings, and not be written back.
UPDATE retention_settings SET auto_versions_kept = 1000 WHERE auto_versions_kept > 1000;

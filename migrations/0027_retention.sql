-- How many days executions, their logs and webhooks' calls are kept. 0: for as long as there is anything to keep them with.
ALTER TABLE retention_settings ADD COLUMN execution_days INTEGER NOT NULL DEFAULT 90;
ALTER TABLE retention_settings ADD COLUMN log_days INTEGER NOT NULL DEFAULT 30;
ALTER TABLE retention_settings ADD COLUMN call_days INTEGER NOT NULL DEFAULT 30;

-- An execution stays for as long as a retry of it does. Executions that retry nothing cost this nothing.
CREATE INDEX executions_by_retry ON executions (workspace_id, retry_of) WHERE retry_of IS NOT NULL;

-- The execution up to which a workspace's logs are removed: what was looked through is not looked through again.
CREATE TABLE retention_progress (
  workspace_id TEXT NOT NULL PRIMARY KEY,
  logs_until TEXT NOT NULL
) WITHOUT ROWID;

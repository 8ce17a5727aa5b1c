-- What a person should know: budget alerts, schedules that were paused, secrets that were rotated.
CREATE TABLE events (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  -- Names what happened, so that noticing it twice tells of it once.
  dedupe_key TEXT,
  type TEXT NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('info', 'warn', 'error')),
  message TEXT NOT NULL,
  -- JSON object of ids and numbers.
  data TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX events_by_key ON events (workspace_id, dedupe_key) WHERE dedupe_key IS NOT NULL;

CREATE INDEX events_by_time ON events (at);

-- Sums of the ledger: by quarter of an hour with each call (every zone's midnight falls on one), and folded by the cron
-- into days and months (UTC), so that reading a range costs rows by its length and not by the calls in it.
CREATE TABLE cost_rollups (
  workspace_id TEXT NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('quarter', 'day', 'month')),
  -- Epoch milliseconds of its beginning.
  bucket INTEGER NOT NULL,
  workflow_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  agent_role TEXT NOT NULL,
  calls INTEGER NOT NULL,
  unpriced_calls INTEGER NOT NULL,
  cost_nano_usd INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  cache_write_1h_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, level, bucket, workflow_id, provider, model, agent_role)
) WITHOUT ROWID;

-- Executions by the time at which they ended. They outlive the executions, as the ledger does.
CREATE TABLE execution_rollups (
  workspace_id TEXT NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('quarter', 'day', 'month')),
  bucket INTEGER NOT NULL,
  workflow_id TEXT NOT NULL,
  succeeded INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  cancelled INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, level, bucket, workflow_id)
) WITHOUT ROWID;

-- Days and months of which something has changed since they were folded. Their own rows are not read until they are
-- folded again: what comes late is counted at once.
CREATE TABLE unfolded_rollups (
  workspace_id TEXT NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('day', 'month')),
  bucket INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, level, bucket)
) WITHOUT ROWID;

CREATE INDEX unfolded_rollups_by_time ON unfolded_rollups (level, bucket);

-- What a workflow was called. Its costs outlive it, and an id tells nobody what they were for.
CREATE TABLE deleted_workflows (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (workspace_id, id)
) WITHOUT ROWID;

CREATE TRIGGER workflows_leave_names AFTER DELETE ON workflows
BEGIN
  INSERT INTO deleted_workflows (workspace_id, id, name) VALUES (OLD.workspace_id, OLD.id, OLD.name)
  ON CONFLICT (workspace_id, id) DO UPDATE SET name = excluded.name;
END;

-- Runs only for a row that is new: a call that is written again moves nothing.
CREATE TRIGGER execution_costs_roll_up AFTER INSERT ON execution_costs
BEGIN
  INSERT INTO cost_rollups (workspace_id, level, bucket, workflow_id, provider, model, agent_role, calls, unpriced_calls,
    cost_nano_usd, input_tokens, cached_input_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens,
    reasoning_tokens)
  VALUES (NEW.workspace_id, 'quarter', NEW.at - NEW.at % 900000, NEW.workflow_id, NEW.provider, NEW.model,
    NEW.agent_role, 1, NEW.cost_nano_usd IS NULL, coalesce(NEW.cost_nano_usd, 0), NEW.input_tokens,
    NEW.cached_input_tokens, NEW.cache_write_tokens, NEW.cache_write_1h_tokens, NEW.output_tokens, NEW.reasoning_tokens)
  ON CONFLICT (workspace_id, level, bucket, workflow_id, provider, model, agent_role) DO UPDATE SET
    calls = calls + 1,
    unpriced_calls = unpriced_calls + excluded.unpriced_calls,
    cost_nano_usd = cost_nano_usd + excluded.cost_nano_usd,
    input_tokens = input_tokens + excluded.input_tokens,
    cached_input_tokens = cached_input_tokens + excluded.cached_input_tokens,
    cache_write_tokens = cache_write_tokens + excluded.cache_write_tokens,
    cache_write_1h_tokens = cache_write_1h_tokens + excluded.cache_write_1h_tokens,
    output_tokens = output_tokens + excluded.output_tokens,
    reasoning_tokens = reasoning_tokens + excluded.reasoning_tokens;
  INSERT INTO unfolded_rollups (workspace_id, level, bucket) VALUES
    (NEW.workspace_id, 'day', NEW.at - NEW.at % 86400000),
    (NEW.workspace_id, 'month', unixepoch(NEW.at / 1000, 'unixepoch', 'start of month') * 1000)
  ON CONFLICT (workspace_id, level, bucket) DO NOTHING;
END;

CREATE TRIGGER execution_costs_roll_up_price AFTER UPDATE OF cost_nano_usd ON execution_costs
WHEN OLD.cost_nano_usd IS NOT NEW.cost_nano_usd
BEGIN
  UPDATE cost_rollups SET
    cost_nano_usd = cost_nano_usd + coalesce(NEW.cost_nano_usd, 0) - coalesce(OLD.cost_nano_usd, 0),
    unpriced_calls = unpriced_calls + (NEW.cost_nano_usd IS NULL) - (OLD.cost_nano_usd IS NULL)
  WHERE workspace_id = NEW.workspace_id AND level = 'quarter' AND bucket = NEW.at - NEW.at % 900000
    AND workflow_id = NEW.workflow_id AND provider = NEW.provider AND model = NEW.model AND agent_role = NEW.agent_role;
  INSERT INTO unfolded_rollups (workspace_id, level, bucket) VALUES
    (NEW.workspace_id, 'day', NEW.at - NEW.at % 86400000),
    (NEW.workspace_id, 'month', unixepoch(NEW.at / 1000, 'unixepoch', 'start of month') * 1000)
  ON CONFLICT (workspace_id, level, bucket) DO NOTHING;
END;

CREATE TRIGGER executions_roll_up AFTER UPDATE OF completed_at ON executions
WHEN OLD.completed_at IS NULL AND NEW.completed_at IS NOT NULL
BEGIN
  INSERT INTO execution_rollups (workspace_id, level, bucket, workflow_id, succeeded, failed, cancelled)
  VALUES (NEW.workspace_id, 'quarter', NEW.completed_at - NEW.completed_at % 900000, NEW.workflow_id,
    NEW.status = 'succeeded', NEW.status = 'failed', NEW.status = 'cancelled')
  ON CONFLICT (workspace_id, level, bucket, workflow_id) DO UPDATE SET
    succeeded = succeeded + excluded.succeeded,
    failed = failed + excluded.failed,
    cancelled = cancelled + excluded.cancelled;
  INSERT INTO unfolded_rollups (workspace_id, level, bucket) VALUES
    (NEW.workspace_id, 'day', NEW.completed_at - NEW.completed_at % 86400000),
    (NEW.workspace_id, 'month', unixepoch(NEW.completed_at / 1000, 'unixepoch', 'start of month') * 1000)
  ON CONFLICT (workspace_id, level, bucket) DO NOTHING;
END;

-- What was spent and what ended before.
INSERT INTO cost_rollups
SELECT workspace_id, 'quarter', at - at % 900000, workflow_id, provider, model, agent_role, count(*),
  count(*) - count(cost_nano_usd), coalesce(sum(cost_nano_usd), 0), sum(input_tokens), sum(cached_input_tokens),
  sum(cache_write_tokens), sum(cache_write_1h_tokens), sum(output_tokens), sum(reasoning_tokens)
FROM execution_costs GROUP BY 1, 3, 4, 5, 6, 7;

INSERT INTO execution_rollups
SELECT workspace_id, 'quarter', completed_at - completed_at % 900000, workflow_id, sum(status = 'succeeded'),
  sum(status = 'failed'), sum(status = 'cancelled')
FROM executions WHERE completed_at IS NOT NULL GROUP BY 1, 3, 4;

INSERT INTO unfolded_rollups
SELECT workspace_id, 'day', bucket - bucket % 86400000 FROM cost_rollups
UNION SELECT workspace_id, 'day', bucket - bucket % 86400000 FROM execution_rollups;

INSERT INTO unfolded_rollups
SELECT DISTINCT workspace_id, 'month', unixepoch(bucket / 1000, 'unixepoch', 'start of month') * 1000 FROM unfolded_rollups;

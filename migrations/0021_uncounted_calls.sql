-- A call that may be billed though no count of its tokens came back (a timeout, an answer without usage) stands in the
-- ledger too: without tokens, without a cost, and never to be priced, since nothing times any price would be free.
ALTER TABLE execution_costs ADD COLUMN uncounted INTEGER NOT NULL DEFAULT 0;

-- What a price can still be found for, apart from what no price helps.
DROP INDEX execution_costs_unpriced;
CREATE INDEX execution_costs_unpriced ON execution_costs (workspace_id, provider, model, at)
WHERE cost_nano_usd IS NULL AND uncounted = 0;
CREATE INDEX execution_costs_uncounted ON execution_costs (workspace_id, provider, model, at) WHERE uncounted = 1;

-- More is known of such a call after all: the sums forget it, and what takes its place is counted as any new row is.
CREATE TRIGGER execution_costs_take_back AFTER DELETE ON execution_costs WHEN OLD.uncounted = 1
BEGIN
  UPDATE executions SET unpriced_calls = unpriced_calls - 1 WHERE workspace_id = OLD.workspace_id AND id = OLD.execution_id;
  UPDATE cost_rollups SET calls = calls - 1, unpriced_calls = unpriced_calls - 1
  WHERE workspace_id = OLD.workspace_id AND level = 'quarter' AND bucket = OLD.at - OLD.at % 900000
    AND workflow_id = OLD.workflow_id AND provider = OLD.provider AND model = OLD.model AND agent_role = OLD.agent_role;
  DELETE FROM cost_rollups
  WHERE workspace_id = OLD.workspace_id AND level = 'quarter' AND bucket = OLD.at - OLD.at % 900000
    AND workflow_id = OLD.workflow_id AND provider = OLD.provider AND model = OLD.model AND agent_role = OLD.agent_role
    AND calls = 0;
  INSERT INTO unfolded_rollups (workspace_id, level, bucket) VALUES
    (OLD.workspace_id, 'day', OLD.at - OLD.at % 86400000),
    (OLD.workspace_id, 'month', unixepoch(OLD.at / 1000, 'unixepoch', 'start of month') * 1000)
  ON CONFLICT (workspace_id, level, bucket) DO NOTHING;
END;

-- What a workspace pays where the catalogue says something else or nothing. Prices are history: rows are added and never
-- changed. Of two for the same model and date the one written last counts, which `seq` tells.
CREATE TABLE provider_pricing (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  -- Makes writing one twice impossible.
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  currency TEXT NOT NULL CHECK (currency = 'USD'),
  -- Epoch milliseconds from which it holds.
  effective_date INTEGER NOT NULL,
  -- Micro-USD per million tokens. NULL where a class is not priced apart.
  input_token_price INTEGER NOT NULL,
  cached_input_token_price INTEGER,
  cache_write_token_price INTEGER,
  cache_write_1h_token_price INTEGER,
  output_token_price INTEGER NOT NULL,
  reasoning_token_price INTEGER,
  -- JSON array of {aboveInputTokens, inputTokenPrice, ...}, ascending.
  tiers TEXT,
  created_by TEXT,
  created_at INTEGER NOT NULL
);

-- The newest row of a workspace is its revision: an engine reads the rows again only when it has changed.
CREATE INDEX provider_pricing_by_workspace ON provider_pricing (workspace_id, seq);

-- Ranges of the ledger by time: exports and late corrections read what was asked for and not all history.
CREATE INDEX execution_costs_by_time ON execution_costs (workspace_id, at);

-- Calls without a price, which are to be found again once there is one. Priced calls cost it nothing.
CREATE INDEX execution_costs_unpriced ON execution_costs (workspace_id, provider, model, at) WHERE cost_nano_usd IS NULL;

-- A call that is priced later moves the sums that it had been left out of. A row gets its cost only once, so that
-- this happens once as well, whoever repeats what.
CREATE TRIGGER execution_costs_priced_later AFTER UPDATE OF cost_nano_usd ON execution_costs
WHEN OLD.cost_nano_usd IS NULL AND NEW.cost_nano_usd IS NOT NULL
BEGIN
  UPDATE executions SET cost_nano_usd = cost_nano_usd + NEW.cost_nano_usd, priced_calls = priced_calls + 1,
    unpriced_calls = unpriced_calls - 1
  WHERE workspace_id = NEW.workspace_id AND id = NEW.execution_id;
  -- A version takes the sums of an execution over when it ends; until then they are not yet among its own. An
  -- execution's first priced call makes it one that the version's average counts.
  UPDATE versions SET cost_nano_usd_sum = cost_nano_usd_sum + NEW.cost_nano_usd,
    priced_count = priced_count + (SELECT e.priced_calls = 1 FROM executions e
      WHERE e.workspace_id = NEW.workspace_id AND e.id = NEW.execution_id)
  WHERE workspace_id = NEW.workspace_id AND id = NEW.version_id
    AND EXISTS (SELECT 1 FROM executions e WHERE e.workspace_id = NEW.workspace_id AND e.id = NEW.execution_id
      AND e.completed_at IS NOT NULL);
END;

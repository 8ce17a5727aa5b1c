-- Models of calls whose cost is not known, counted as they come and go: listing them must not read every such call.
CREATE TABLE unpriced_models (
  workspace_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  -- 1: no count of tokens came back, so that no price helps.
  uncounted INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, provider, model, uncounted)
) WITHOUT ROWID;

-- Priced calls cost nothing here: none of these fires for them.
CREATE TRIGGER execution_costs_unpriced_model AFTER INSERT ON execution_costs WHEN NEW.cost_nano_usd IS NULL
BEGIN
  INSERT INTO unpriced_models (workspace_id, provider, model, uncounted, calls, input_tokens, output_tokens)
  VALUES (NEW.workspace_id, NEW.provider, NEW.model, NEW.uncounted, 1, NEW.input_tokens, NEW.output_tokens)
  ON CONFLICT (workspace_id, provider, model, uncounted) DO UPDATE SET calls = calls + 1,
    input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens;
END;

CREATE TRIGGER execution_costs_priced_model AFTER UPDATE OF cost_nano_usd ON execution_costs
WHEN OLD.cost_nano_usd IS NULL AND NEW.cost_nano_usd IS NOT NULL
BEGIN
  UPDATE unpriced_models SET calls = calls - 1, input_tokens = input_tokens - OLD.input_tokens,
    output_tokens = output_tokens - OLD.output_tokens
  WHERE workspace_id = OLD.workspace_id AND provider = OLD.provider AND model = OLD.model AND uncounted = OLD.uncounted;
  DELETE FROM unpriced_models WHERE workspace_id = OLD.workspace_id AND provider = OLD.provider AND model = OLD.model
    AND uncounted = OLD.uncounted AND calls = 0;
END;

CREATE TRIGGER execution_costs_forget_model AFTER DELETE ON execution_costs WHEN OLD.cost_nano_usd IS NULL
BEGIN
  UPDATE unpriced_models SET calls = calls - 1, input_tokens = input_tokens - OLD.input_tokens,
    output_tokens = output_tokens - OLD.output_tokens
  WHERE workspace_id = OLD.workspace_id AND provider = OLD.provider AND model = OLD.model AND uncounted = OLD.uncounted;
  DELETE FROM unpriced_models WHERE workspace_id = OLD.workspace_id AND provider = OLD.provider AND model = OLD.model
    AND uncounted = OLD.uncounted AND calls = 0;
END;

-- What came before.
INSERT INTO unpriced_models
SELECT workspace_id, provider, model, uncounted, count(*), sum(input_tokens), sum(output_tokens)
FROM execution_costs WHERE cost_nano_usd IS NULL GROUP BY 1, 2, 3, 4;

-- A refusal is told as a threshold is, once a period and limit: as threshold 0, with what was refused. JSON
-- {kind, message, workflowId, executionId, nodeId}, NULL for a threshold that was reached.
ALTER TABLE budget_alerts ADD COLUMN refusal TEXT;

-- Another limit makes thresholds news again that are not reached under it, and refusals.
CREATE TRIGGER budgets_alert_anew AFTER UPDATE OF limit_nano_usd ON budgets
WHEN NEW.limit_nano_usd <> OLD.limit_nano_usd
BEGIN
  DELETE FROM budget_alerts
  WHERE workspace_id = NEW.workspace_id AND budget_id = NEW.id AND period_end > NEW.updated_at
    AND (threshold = 0 OR EXISTS (SELECT 1 FROM budget_periods p
      WHERE p.workspace_id = NEW.workspace_id AND p.budget_id = NEW.id AND p.period_start = budget_alerts.period_start
        AND p.spent_nano_usd * 100 < NEW.limit_nano_usd * budget_alerts.threshold));
END;

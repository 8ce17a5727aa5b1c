-- A call of a model without a price is told of as other refusals are, once a period, limit and model: as thresholds
-- -1, -2 and so on, with `provider` and `model` in its JSON.
DROP TRIGGER budgets_alert_anew;

CREATE TRIGGER budgets_alert_anew AFTER UPDATE OF limit_nano_usd ON budgets
WHEN NEW.limit_nano_usd <> OLD.limit_nano_usd
BEGIN
  DELETE FROM budget_alerts
  WHERE workspace_id = NEW.workspace_id AND budget_id = NEW.id AND period_end > NEW.updated_at
    AND (threshold <= 0 OR EXISTS (SELECT 1 FROM budget_periods p
      WHERE p.workspace_id = NEW.workspace_id AND p.budget_id = NEW.id AND p.period_start = budget_alerts.period_start
        AND p.spent_nano_usd * 100 < NEW.limit_nano_usd * budget_alerts.threshold));
END;

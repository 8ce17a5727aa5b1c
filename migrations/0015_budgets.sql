-- Spending limits over a period, of a workspace or of one of its workflows.
CREATE TABLE budgets (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  scope TEXT NOT NULL CHECK (scope IN ('workspace', 'workflow')),
  workflow_id TEXT,
  period TEXT NOT NULL CHECK (period IN ('day', 'week', 'month')),
  timezone TEXT NOT NULL,
  limit_nano_usd INTEGER NOT NULL CHECK (limit_nano_usd > 0),
  -- JSON array of percentages of the limit, ascending.
  alert_at TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('alert', 'block')),
  webhook_url TEXT,
  -- Sealed for its place, see core/cipher.ts.
  webhook_secret TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, id),
  CHECK ((scope = 'workflow') = (workflow_id IS NOT NULL)),
  FOREIGN KEY (workspace_id, workflow_id) REFERENCES workflows (workspace_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

-- What was spent of a budget in a period: at any time the sum of the ledger's rows of [period_start, period_end) that
-- the budget counts, and of the reservations of calls that were lost in it.
CREATE TABLE budget_periods (
  workspace_id TEXT NOT NULL,
  budget_id TEXT NOT NULL,
  period_start INTEGER NOT NULL,
  period_end INTEGER NOT NULL,
  spent_nano_usd INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, budget_id, period_start),
  FOREIGN KEY (workspace_id, budget_id) REFERENCES budgets (workspace_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX budget_periods_by_end ON budget_periods (period_end);

-- The worst case of a call that has not been settled. It counts for every budget that the call falls under, so that a
-- row is held in all of them or in none, and what is reserved of a budget is the sum of the open ones.
CREATE TABLE budget_reservations (
  workspace_id TEXT NOT NULL,
  execution_id TEXT NOT NULL,
  node_id TEXT NOT NULL,
  fence INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  workflow_id TEXT NOT NULL,
  amount_nano_usd INTEGER NOT NULL,
  -- The time of the call, as the ledger will have it: it decides the period.
  at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  -- 1: nobody knows what became of the call, so its amount counts as spent until its real cost comes.
  lost INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (execution_id, node_id, fence, attempt)
) WITHOUT ROWID;

CREATE INDEX budget_reservations_open ON budget_reservations (workspace_id, at) WHERE lost = 0;
CREATE INDEX budget_reservations_expiring ON budget_reservations (expires_at) WHERE lost = 0;
CREATE INDEX budget_reservations_lost ON budget_reservations (workspace_id, at) WHERE lost = 1;

-- Thresholds that were reached, each once a period. The outbox of what is told of them.
CREATE TABLE budget_alerts (
  workspace_id TEXT NOT NULL,
  budget_id TEXT NOT NULL,
  period_start INTEGER NOT NULL,
  -- Per cent of the limit.
  threshold INTEGER NOT NULL,
  period_end INTEGER NOT NULL,
  limit_nano_usd INTEGER NOT NULL,
  spent_nano_usd INTEGER NOT NULL,
  -- The event that tells of it, NULL until it is written.
  event_id TEXT,
  told_at INTEGER,
  -- When the webhook is to be sent, NULL when nothing is left to send.
  webhook_due_at INTEGER,
  webhook_attempts INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (workspace_id, budget_id, period_start, threshold),
  FOREIGN KEY (workspace_id, budget_id) REFERENCES budgets (workspace_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX budget_alerts_untold ON budget_alerts (workspace_id, budget_id) WHERE event_id IS NULL;
CREATE INDEX budget_alerts_due ON budget_alerts (webhook_due_at) WHERE webhook_due_at IS NOT NULL;

-- Money moves in triggers: each fires only when a row really appears, changes or goes, however often a statement is
-- sent again.

-- A call is accounted for: its cost takes the place of its reservation. One without a price stays at its reservation.
CREATE TRIGGER execution_costs_settle AFTER INSERT ON execution_costs WHEN NEW.cost_nano_usd IS NOT NULL
BEGIN
  DELETE FROM budget_reservations
  WHERE execution_id = NEW.execution_id AND node_id = NEW.node_id AND fence = NEW.fence AND attempt = NEW.attempt;
  UPDATE budget_periods SET spent_nano_usd = spent_nano_usd + NEW.cost_nano_usd
  WHERE workspace_id = NEW.workspace_id AND period_start <= NEW.at AND period_end > NEW.at
    AND budget_id IN (SELECT id FROM budgets
      WHERE workspace_id = NEW.workspace_id AND (workflow_id IS NULL OR workflow_id = NEW.workflow_id));
END;

CREATE TRIGGER execution_costs_settle_unpriced AFTER INSERT ON execution_costs WHEN NEW.cost_nano_usd IS NULL
BEGIN
  UPDATE budget_reservations SET lost = 1
  WHERE execution_id = NEW.execution_id AND node_id = NEW.node_id AND fence = NEW.fence AND attempt = NEW.attempt AND lost = 0;
END;

CREATE TRIGGER execution_costs_settle_repriced AFTER UPDATE OF cost_nano_usd ON execution_costs
WHEN OLD.cost_nano_usd IS NULL AND NEW.cost_nano_usd IS NOT NULL
BEGIN
  DELETE FROM budget_reservations
  WHERE execution_id = NEW.execution_id AND node_id = NEW.node_id AND fence = NEW.fence AND attempt = NEW.attempt;
  UPDATE budget_periods SET spent_nano_usd = spent_nano_usd + NEW.cost_nano_usd
  WHERE workspace_id = NEW.workspace_id AND period_start <= NEW.at AND period_end > NEW.at
    AND budget_id IN (SELECT id FROM budgets
      WHERE workspace_id = NEW.workspace_id AND (workflow_id IS NULL OR workflow_id = NEW.workflow_id));
END;

-- A call is lost: it may have been billed.
CREATE TRIGGER budget_reservations_lose AFTER UPDATE OF lost ON budget_reservations WHEN OLD.lost = 0 AND NEW.lost = 1
BEGIN
  UPDATE budget_periods SET spent_nano_usd = spent_nano_usd + NEW.amount_nano_usd
  WHERE workspace_id = NEW.workspace_id AND period_start <= NEW.at AND period_end > NEW.at
    AND budget_id IN (SELECT id FROM budgets
      WHERE workspace_id = NEW.workspace_id AND (workflow_id IS NULL OR workflow_id = NEW.workflow_id));
END;

-- More is known of a lost call after all.
CREATE TRIGGER budget_reservations_find AFTER DELETE ON budget_reservations WHEN OLD.lost = 1
BEGIN
  UPDATE budget_periods SET spent_nano_usd = spent_nano_usd - OLD.amount_nano_usd
  WHERE workspace_id = OLD.workspace_id AND period_start <= OLD.at AND period_end > OLD.at
    AND budget_id IN (SELECT id FROM budgets
      WHERE workspace_id = OLD.workspace_id AND (workflow_id IS NULL OR workflow_id = OLD.workflow_id));
END;

CREATE TRIGGER budget_periods_begin_alerted AFTER INSERT ON budget_periods WHEN NEW.spent_nano_usd > 0
BEGIN
  INSERT INTO budget_alerts (workspace_id, budget_id, period_start, threshold, period_end, limit_nano_usd, spent_nano_usd)
  SELECT b.workspace_id, b.id, NEW.period_start, mark.value, NEW.period_end, b.limit_nano_usd, NEW.spent_nano_usd
  FROM budgets b, json_each(b.alert_at) mark
  WHERE b.workspace_id = NEW.workspace_id AND b.id = NEW.budget_id AND NEW.spent_nano_usd * 100 >= b.limit_nano_usd * mark.value
  ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER budget_periods_alert AFTER UPDATE OF spent_nano_usd ON budget_periods
WHEN NEW.spent_nano_usd > OLD.spent_nano_usd
BEGIN
  INSERT INTO budget_alerts (workspace_id, budget_id, period_start, threshold, period_end, limit_nano_usd, spent_nano_usd)
  SELECT b.workspace_id, b.id, NEW.period_start, mark.value, NEW.period_end, b.limit_nano_usd, NEW.spent_nano_usd
  FROM budgets b, json_each(b.alert_at) mark
  WHERE b.workspace_id = NEW.workspace_id AND b.id = NEW.budget_id AND NEW.spent_nano_usd * 100 >= b.limit_nano_usd * mark.value
  ON CONFLICT DO NOTHING;
END;

-- A lower limit, or a threshold that was added, may have been reached already.
CREATE TRIGGER budgets_alert AFTER UPDATE OF limit_nano_usd, alert_at ON budgets
BEGIN
  INSERT INTO budget_alerts (workspace_id, budget_id, period_start, threshold, period_end, limit_nano_usd, spent_nano_usd)
  SELECT p.workspace_id, p.budget_id, p.period_start, mark.value, p.period_end, NEW.limit_nano_usd, p.spent_nano_usd
  FROM budget_periods p, json_each(NEW.alert_at) mark
  WHERE p.workspace_id = NEW.workspace_id AND p.budget_id = NEW.id
    AND p.period_start <= NEW.updated_at AND p.period_end > NEW.updated_at
    AND p.spent_nano_usd * 100 >= NEW.limit_nano_usd * mark.value
  ON CONFLICT DO NOTHING;
END;

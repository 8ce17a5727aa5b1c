-- The one chain of messages that goes on with a dispatch which was more than one invocation may do.
CREATE TABLE dispatch_chain (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  -- Empty while there is none.
  chain TEXT NOT NULL,
  -- The last message of it that was worked on: one that comes twice is dropped.
  hop INTEGER NOT NULL,
  -- Until then no other chain begins.
  lease_until INTEGER NOT NULL
);
INSERT INTO dispatch_chain (only, chain, hop, lease_until) VALUES (1, '', 0, 0);

-- Each success of a workflow runs those behind it. Two between ticks, or while one is under way, take their turns,
-- a hundred at most; where runs may overlap they begin at once.
DROP TRIGGER executions_wake_schedules;
CREATE TRIGGER executions_wake_schedules AFTER UPDATE OF completed_at ON executions
WHEN NEW.completed_at IS NOT NULL AND OLD.completed_at IS NULL AND NEW.status = 'succeeded' AND EXISTS (
  SELECT 1 FROM schedules WHERE workspace_id = NEW.workspace_id AND after_workflow_id = NEW.workflow_id AND enabled = 1)
BEGIN
  INSERT INTO schedule_runs (workspace_id, schedule_id, scheduled_for, attempt, status, note, due_at, waits)
  SELECT due.workspace_id, due.id, due.at, 1, iif(due.full, 'skipped', 'pending'),
    'after execution ' || NEW.id || iif(due.full, ', but 100 runs wait already', ''), iif(due.full, NULL, NEW.completed_at), 2
  FROM (
    SELECT s.workspace_id, s.id,
      max(NEW.completed_at, coalesce((SELECT max(r.scheduled_for) + 1 FROM schedule_runs r
        WHERE r.workspace_id = s.workspace_id AND r.schedule_id = s.id), 0)) AS at,
      (SELECT count(*) FROM (SELECT 1 FROM schedule_runs w
        WHERE w.workspace_id = s.workspace_id AND w.schedule_id = s.id AND w.status = 'pending' LIMIT 100)) >= 100 AS full
    FROM schedules s
    WHERE s.workspace_id = NEW.workspace_id AND s.after_workflow_id = NEW.workflow_id AND s.enabled = 1
      AND coalesce(s.start_at, 0) <= NEW.completed_at AND coalesce(s.end_at, NEW.completed_at) >= NEW.completed_at
  ) AS due;
END;

CREATE TABLE schedules (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  workflow_id TEXT NOT NULL,
  -- NULL when it follows another workflow.
  cron_expression TEXT,
  timezone TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  -- JSON.
  input TEXT NOT NULL,
  -- As it was given: a version's id, number or tag. NULL: the draft.
  version TEXT,
  -- The version that an id or a number names: neither amended nor pruned. A tag is looked up at each run.
  pinned_version_id TEXT,
  -- NULL: what suits the expression.
  dst_gap TEXT CHECK (dst_gap IN ('shift', 'skip')),
  dst_overlap TEXT CHECK (dst_overlap IN ('first', 'both')),
  overlap TEXT NOT NULL CHECK (overlap IN ('skip', 'allow', 'queue')),
  catch_up TEXT NOT NULL CHECK (catch_up IN ('skip', 'once', 'all')),
  start_at INTEGER,
  end_at INTEGER,
  jitter_seconds INTEGER NOT NULL,
  -- JSON {workflowId?, expression}.
  condition TEXT,
  -- The workflow whose successes start this one.
  after_workflow_id TEXT,
  -- 0: never.
  pause_after_failures INTEGER NOT NULL,
  max_retries INTEGER NOT NULL,
  retry_delay_seconds INTEGER NOT NULL,
  -- The time that the expression names, without jitter.
  next_run_at INTEGER,
  last_run_at INTEGER,
  execution_count INTEGER NOT NULL DEFAULT 0,
  -- In a row, retries not counted.
  failures INTEGER NOT NULL DEFAULT 0,
  -- Counts edits and claims: what was decided on another revision is not carried out.
  revision INTEGER NOT NULL DEFAULT 1,
  -- The dispatcher whose claim took last.
  claimed_by TEXT,
  -- 1 when no run was left to wait for: disabled, though nobody paused it.
  ended INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  -- Set to 1 by a write that found another revision than the one expected, which aborts its batch.
  guard INTEGER NOT NULL DEFAULT 0 CONSTRAINT schedule_is_current CHECK (guard = 0),
  -- Set to 1 by a write that would let workflows start each other for ever.
  circle INTEGER NOT NULL DEFAULT 0 CONSTRAINT schedules_make_no_circle CHECK (circle = 0),
  PRIMARY KEY (workspace_id, id),
  CONSTRAINT fires_by_one_thing CHECK ((cron_expression IS NULL) <> (after_workflow_id IS NULL)),
  -- One that is enabled and has no next run would be forgotten.
  CONSTRAINT enabled_has_next CHECK (enabled = 0 OR next_run_at IS NOT NULL OR after_workflow_id IS NOT NULL),
  FOREIGN KEY (workspace_id, workflow_id) REFERENCES workflows (workspace_id, id) ON DELETE CASCADE,
  -- Without it the schedule could never fire again.
  FOREIGN KEY (workspace_id, after_workflow_id) REFERENCES workflows (workspace_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

-- What is due, over all workspaces.
CREATE INDEX schedules_due ON schedules (next_run_at) WHERE enabled = 1 AND next_run_at IS NOT NULL;
CREATE INDEX schedules_by_workflow ON schedules (workspace_id, workflow_id, id);
CREATE INDEX schedules_by_pin ON schedules (workspace_id, pinned_version_id) WHERE pinned_version_id IS NOT NULL;
CREATE INDEX schedules_by_after ON schedules (workspace_id, after_workflow_id) WHERE after_workflow_id IS NOT NULL;

-- What became of each time that a schedule came due. Its key keeps a time from being dispatched twice; while it is
-- pending it is the outbox of what is to be started.
CREATE TABLE schedule_runs (
  workspace_id TEXT NOT NULL,
  schedule_id TEXT NOT NULL,
  scheduled_for INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  status TEXT NOT NULL
    CHECK (status IN ('pending', 'running', 'succeeded', 'failed', 'cancelled', 'skipped', 'missed')),
  execution_id TEXT,
  note TEXT,
  -- When a pending run is to be started. NULL: once the run before it is over.
  due_at INTEGER,
  -- What becomes of it while another run is open: 0 skipped, 1 waits unless one waits already, 2 waits.
  waits INTEGER NOT NULL DEFAULT 0,
  -- 1 while nothing else of the schedule may start beside it: under way, or to be tried again.
  open INTEGER,
  -- When its execution ended, until what follows from that is done.
  settle_at INTEGER,
  PRIMARY KEY (workspace_id, schedule_id, scheduled_for, attempt),
  FOREIGN KEY (workspace_id, schedule_id) REFERENCES schedules (workspace_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX schedule_runs_due ON schedule_runs (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX schedule_runs_to_settle ON schedule_runs (settle_at) WHERE settle_at IS NOT NULL;
CREATE INDEX schedule_runs_open ON schedule_runs (workspace_id, schedule_id) WHERE open = 1;
CREATE INDEX schedule_runs_waiting ON schedule_runs (workspace_id, schedule_id) WHERE status = 'pending';
CREATE INDEX schedule_runs_running ON schedule_runs (execution_id) WHERE status = 'running';

-- In the batch that ends an execution, whoever ends it: a run's end cannot be lost.
CREATE TRIGGER executions_end_schedule_runs AFTER UPDATE OF completed_at ON executions
WHEN NEW.completed_at IS NOT NULL AND OLD.completed_at IS NULL AND NEW.trigger_type IN ('schedule', 'retry')
BEGIN
  UPDATE schedule_runs SET status = NEW.status, settle_at = NEW.completed_at
  WHERE execution_id = NEW.id AND workspace_id = NEW.workspace_id AND status = 'running';
END;

-- Likewise a success that other workflows wait for: each of their schedules is due at once. Two in one millisecond
-- come one after the other, since the time is a run's key.
CREATE TRIGGER executions_wake_schedules AFTER UPDATE OF completed_at ON executions
WHEN NEW.completed_at IS NOT NULL AND OLD.completed_at IS NULL AND NEW.status = 'succeeded' AND EXISTS (
  SELECT 1 FROM schedules WHERE workspace_id = NEW.workspace_id AND after_workflow_id = NEW.workflow_id AND enabled = 1)
BEGIN
  INSERT INTO schedule_runs (workspace_id, schedule_id, scheduled_for, attempt, status, note, due_at, waits)
  SELECT s.workspace_id, s.id,
    max(NEW.completed_at, coalesce((SELECT max(r.scheduled_for) + 1 FROM schedule_runs r
      WHERE r.workspace_id = s.workspace_id AND r.schedule_id = s.id), 0)),
    1, 'pending', 'after execution ' || NEW.id, NEW.completed_at, s.overlap = 'queue'
  FROM schedules s
  WHERE s.workspace_id = NEW.workspace_id AND s.after_workflow_id = NEW.workflow_id AND s.enabled = 1
    AND coalesce(s.start_at, 0) <= NEW.completed_at AND coalesce(s.end_at, NEW.completed_at) >= NEW.completed_at;
END;

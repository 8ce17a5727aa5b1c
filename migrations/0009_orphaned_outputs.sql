-- A key stands here from before its object is written: a step that never came to name it leaves no object behind.
ALTER TABLE orphaned_outputs ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;

CREATE INDEX orphaned_outputs_by_age ON orphaned_outputs (created_at);

-- Tells whether a step names a key. Few steps have an output that is too large for their row.
CREATE INDEX steps_by_output_key ON steps (output_key) WHERE output_key IS NOT NULL;

-- An object whose step is gone has nobody to wait for, however young its key is.
DROP TRIGGER steps_leave_outputs;

CREATE TRIGGER steps_leave_outputs AFTER DELETE ON steps WHEN OLD.output_key IS NOT NULL
BEGIN
  INSERT INTO orphaned_outputs (output_key, created_at) VALUES (OLD.output_key, 0)
  ON CONFLICT (output_key) DO UPDATE SET created_at = 0;
END;

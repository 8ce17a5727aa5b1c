-- What somebody committed, without the automatic versions that may lie above it by the thousand.
CREATE INDEX versions_committed ON versions (workspace_id, workflow_id, number) WHERE kind <> 'auto';

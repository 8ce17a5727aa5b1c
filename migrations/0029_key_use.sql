-- When a key was last used, as a person who looks for forgotten ones needs it: to a few minutes, so that a busy key is
-- not a row that is written with each request.
ALTER TABLE api_keys ADD COLUMN last_used_at INTEGER;

-- Wrong passwords, counted by what they were tried on and from where. No row is anybody's: a subject is a digest of an
-- email, of a network, or of both, and says nothing of whether there is such an account.
CREATE TABLE sign_in_failures (
  subject TEXT NOT NULL PRIMARY KEY,
  failures INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  blocked_until INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX sign_in_failures_by_age ON sign_in_failures (last_at);

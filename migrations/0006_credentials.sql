-- A workspace's own keys for providers, at most one each.
CREATE TABLE credentials (
  workspace_id TEXT NOT NULL,
  provider TEXT NOT NULL CHECK (provider IN ('openai', 'anthropic', 'gemini', 'openai-compatible')),
  -- New with every key that is stored: what is remembered of an earlier key does not count for the next.
  id TEXT NOT NULL,
  -- The key, sealed for this workspace, id and column.
  ciphertext TEXT NOT NULL,
  -- The key's last four characters, to tell keys apart on a screen. Empty for a key of which that is half or more.
  last4 TEXT NOT NULL,
  -- null: the provider's own address. The key is sent to this host only.
  base_url TEXT,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, provider)
) WITHOUT ROWID;

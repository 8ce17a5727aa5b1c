-- What people write down for agents of a role, and what agents that may learn have offered.
CREATE TABLE knowledge (
  -- The number of its row in the full-text index: it must outlive a VACUUM, which renumbers rows without one.
  seq INTEGER PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  agent_role TEXT NOT NULL COLLATE NOCASE,
  category TEXT NOT NULL COLLATE NOCASE,
  content TEXT NOT NULL,
  context TEXT,
  -- 0 to 100. With 0 an entry is kept and given to no agent.
  confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 100),
  source TEXT NOT NULL CHECK (source IN ('person', 'agent', 'import')),
  -- The step that an agent learned it in. Outlives that execution's rows.
  execution_id TEXT,
  node_id TEXT,
  -- SHA-256 of the content with its white space made single.
  content_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);

CREATE UNIQUE INDEX knowledge_by_id ON knowledge (workspace_id, id);

-- The same is known once. Serves the entries of a role as well.
CREATE UNIQUE INDEX knowledge_by_content ON knowledge (workspace_id, agent_role, category, content_hash);

-- What is searched. `scope` is the workspace as one word, so that the index itself keeps workspaces apart.
CREATE VIEW knowledge_texts AS
SELECT seq, 'w' || replace(workspace_id, '-', '') AS scope, category, content, context FROM knowledge;

-- The index holds no text of its own and can be made again at any time. `wrangler d1 export` refuses a database with
-- virtual tables. To export one: drop the three triggers and knowledge_fts, export, then run everything from here to
-- the end of this file again, and `INSERT INTO knowledge_fts (knowledge_fts) VALUES ('rebuild')`. Stop the Worker
-- meanwhile: without the index no agent finds its knowledge, and what is written before the triggers are back is
-- found only after the rebuild.
CREATE VIRTUAL TABLE knowledge_fts USING fts5(
  scope, category, content, context,
  content = 'knowledge_texts', content_rowid = 'seq', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TRIGGER knowledge_added AFTER INSERT ON knowledge BEGIN
  INSERT INTO knowledge_fts (rowid, scope, category, content, context)
  VALUES (new.seq, 'w' || replace(new.workspace_id, '-', ''), new.category, new.content, new.context);
END;

CREATE TRIGGER knowledge_removed AFTER DELETE ON knowledge BEGIN
  INSERT INTO knowledge_fts (knowledge_fts, rowid, scope, category, content, context)
  VALUES ('delete', old.seq, 'w' || replace(old.workspace_id, '-', ''), old.category, old.content, old.context);
END;

CREATE TRIGGER knowledge_changed AFTER UPDATE OF workspace_id, category, content, context ON knowledge BEGIN
  INSERT INTO knowledge_fts (knowledge_fts, rowid, scope, category, content, context)
  VALUES ('delete', old.seq, 'w' || replace(old.workspace_id, '-', ''), old.category, old.content, old.context);
  INSERT INTO knowledge_fts (rowid, scope, category, content, context)
  VALUES (new.seq, 'w' || replace(new.workspace_id, '-', ''), new.category, new.content, new.context);
END;

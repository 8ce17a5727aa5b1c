import type { Db } from "../db/client.ts";
import type { KnowledgeRow } from "./schema.ts";

/** Of a workspace. All entries of a role are looked at when one of its agents is called. */
export const MAX_ENTRIES = 5_000;
/** Beyond this many, agents learn nothing more: the rest is kept for people. */
export const MAX_ENTRIES_FOR_AGENTS = 4_000;

/** An entry to be written. Make it with `newEntry`, which cleans its texts and hashes its content. */
export type NewEntry = Omit<KnowledgeRow, "seq" | "workspaceId">;

/**
 * The statement that writes entries into a workspace, for any batch. What is known there already (the same role,
 * category and content) stays as it is, and so does what would be more than `max` entries. RETURNING gives the ids of
 * those that were written.
 */
export function insertEntries(
  db: Db,
  workspaceId: string,
  entries: readonly NewEntry[],
  max: number = MAX_ENTRIES,
): D1PreparedStatement {
  return db.d1
    .prepare(
      `INSERT INTO knowledge (workspace_id, id, agent_role, category, content, context, confidence, source, execution_id,
         node_id, content_hash, created_at, updated_at)
       SELECT ?1, value ->> 'id', value ->> 'agentRole', value ->> 'category', value ->> 'content', value ->> 'context',
         value ->> 'confidence', value ->> 'source', value ->> 'executionId', value ->> 'nodeId', value ->> 'contentHash',
         value ->> 'createdAt', value ->> 'updatedAt'
       FROM json_each(?2) WHERE key < ?3 - (SELECT count(*) FROM knowledge WHERE workspace_id = ?1)
       ON CONFLICT DO NOTHING RETURNING id`,
    )
    .bind(workspaceId, JSON.stringify(entries), max);
}

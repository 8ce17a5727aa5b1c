import { z } from "zod";
import type { Logger } from "../core/log.ts";
import type { Db } from "../db/client.ts";
import { lacksTable, retryTransient } from "../db/transient.ts";
import { MAX_BLOCK_ENTRIES, type Reference } from "./rules/reference-block.ts";
import { matchAny, searchTerms } from "./rules/search-terms.ts";
import { storable } from "./rules/storable.ts";

/** Entries that share no word with the task, the surest of the role, when there is room for them. */
const MAX_GENERAL = 5;

const foundSchema = z.object({
  id: z.string(),
  category: z.string(),
  content: z.string(),
  context: z.string().nullable(),
  confidence: z.number(),
});

const SHOWN = "k.id, k.category, k.content, k.context, k.confidence";

/**
 * What helps an agent of this role with this text, the most relevant first: entries that share words with it, by
 * bm25 (a category counts twice) times confidence; then a few of what people wrote down for the role whatever the
 * task. What an agent learned has to share a word, and what has no confidence is never given. One query. Nothing
 * while an export of the database has taken the index away: an execution does not fail for that.
 */
export async function findRelevant(
  { db, log }: { db: Db; log: Logger },
  { workspaceId, agentRole, text }: { workspaceId: string; agentRole: string; text: string },
): Promise<Reference[]> {
  // bm25 is negative, the better the lower. Materialised, because it is only known while the index is being read.
  const statement = db.d1
    .prepare(
      `WITH hits AS MATERIALIZED (
         SELECT rowid AS seq, bm25(knowledge_fts, 0, 2, 1, 0.5) AS rank FROM knowledge_fts WHERE knowledge_fts MATCH ?3
       )
       SELECT * FROM (
         SELECT ${SHOWN}, 0 AS general, hits.rank * k.confidence AS place FROM hits CROSS JOIN knowledge k ON k.seq = hits.seq
         WHERE k.workspace_id = ?1 AND k.agent_role = ?2 AND k.confidence > 0 ORDER BY place, k.id DESC LIMIT ?4
       ) UNION ALL SELECT * FROM (
         SELECT ${SHOWN}, 1 AS general, -k.confidence AS place FROM knowledge k
         WHERE k.workspace_id = ?1 AND k.agent_role = ?2 AND k.confidence > 0 AND k.source <> 'agent'
           AND k.seq NOT IN (SELECT seq FROM hits)
         ORDER BY place, k.id DESC LIMIT ?5
       ) ORDER BY general, place, id DESC`,
    )
    .bind(workspaceId, storable(agentRole), matchAny(workspaceId, searchTerms(text)), MAX_BLOCK_ENTRIES, MAX_GENERAL);
  try {
    const { results } = await retryTransient(() => statement.run());
    return z.array(foundSchema).parse(results);
  } catch (error) {
    if (!lacksTable(error, "knowledge_fts")) throw error;
    log.log("warn", "Engine", "an agent is given no knowledge: its full-text index is not there", { workspaceId });
    return [];
  }
}

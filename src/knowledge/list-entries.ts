import { and, desc, eq, lt, type SQL, sql } from "drizzle-orm";
import { decodeCursor, type Page, pageOf, UUID_KEY } from "../core/pagination.ts";
import type { Ctx } from "../db/context.ts";
import { knowledgeView } from "./entry-view.ts";
import type { KnowledgeQuery, KnowledgeView } from "./inputs.ts";
import { matchAll } from "./rules/search-terms.ts";
import { knowledge } from "./schema.ts";

/**
 * The entries of the workspace that fit the filters, newest first. `q` finds those in which each of its words begins a
 * word; one without any letter or digit finds nothing.
 */
export async function listEntries(ctx: Ctx, query: KnowledgeQuery): Promise<Page<KnowledgeView>> {
  const search = query.q === undefined || query.q.trim() === "" ? undefined : matchAll(ctx.workspaceId, query.q);
  if (search === null) return { items: [], nextCursor: null };
  const rows = await ctx.db.orm
    .select()
    .from(knowledge)
    .where(and(eq(knowledge.workspaceId, ctx.workspaceId), found(search), ...filters(query)))
    .orderBy(desc(knowledge.id))
    .limit(query.limit + 1);
  return pageOf(rows, query, (row) => row.id, knowledgeView);
}

function found(search: string | undefined): SQL | undefined {
  if (search === undefined) return undefined;
  return sql`seq IN (SELECT rowid FROM knowledge_fts WHERE knowledge_fts MATCH ${search})`;
}

function filters({ agentRole, category, cursor }: KnowledgeQuery): (SQL | undefined)[] {
  return [
    agentRole === undefined ? undefined : eq(knowledge.agentRole, agentRole),
    category === undefined ? undefined : eq(knowledge.category, category),
    cursor === undefined ? undefined : lt(knowledge.id, decodeCursor(cursor, UUID_KEY)),
  ];
}

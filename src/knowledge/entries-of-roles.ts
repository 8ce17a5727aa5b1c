import { and, asc, eq, gt, sql } from "drizzle-orm";
import type { Ctx } from "../db/context.ts";
import { knowledgeView } from "./entry-view.ts";
import type { KnowledgeView } from "./inputs.ts";
import { storable } from "./rules/storable.ts";
import { knowledge } from "./schema.ts";

/**
 * The entries for agents of these roles, oldest first, for an export.
 *
 * @param after the id of the last entry seen
 */
export async function entriesOfRoles(
  ctx: Ctx,
  roles: readonly string[],
  limit: number,
  after = "",
): Promise<KnowledgeView[]> {
  const rows = await ctx.db.orm
    .select()
    .from(knowledge)
    .where(
      and(
        eq(knowledge.workspaceId, ctx.workspaceId),
        sql`agent_role IN (SELECT value FROM json_each(${JSON.stringify(roles.map(storable))}))`,
        gt(knowledge.id, after),
      ),
    )
    .orderBy(asc(knowledge.id))
    .limit(limit);
  return rows.map(knowledgeView);
}

import { and, eq } from "drizzle-orm";
import type { Ctx } from "../db/context.ts";
import { knowledgeNotFound } from "./entry-view.ts";
import { knowledge } from "./schema.ts";

/** Removes an entry. Throws `knowledge_not_found`. */
export async function deleteEntry(ctx: Ctx, id: string): Promise<void> {
  const gone = await ctx.db.orm
    .delete(knowledge)
    .where(and(eq(knowledge.workspaceId, ctx.workspaceId), eq(knowledge.id, id)))
    .returning({ id: knowledge.id });
  if (gone.length === 0) throw knowledgeNotFound();
}

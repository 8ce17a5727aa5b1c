import { and, eq } from "drizzle-orm";
import type { Ctx } from "../db/context.ts";
import { retryTransient, violatesUnique } from "../db/transient.ts";
import { idOfContent } from "./create-entry.ts";
import { contentHashOf, knowledgeExists, knowledgeNotFound, knowledgeView } from "./entry-view.ts";
import type { KnowledgeChange, KnowledgeView } from "./inputs.ts";
import { knowledge } from "./schema.ts";

/**
 * Changes what is given of an entry; its source stays. Throws `knowledge_not_found`, and `knowledge_exists` when
 * another entry of the role and category says the same.
 */
export async function changeEntry(ctx: Ctx, id: string, change: KnowledgeChange): Promise<KnowledgeView> {
  const { agentRole, category, content, context, confidence } = change;
  const contentHash = content === undefined ? undefined : await contentHashOf(content);
  const own = and(eq(knowledge.workspaceId, ctx.workspaceId), eq(knowledge.id, id));
  const update = ctx.db.orm
    .update(knowledge)
    .set({
      ...(agentRole === undefined ? {} : { agentRole }),
      ...(category === undefined ? {} : { category }),
      ...(content === undefined ? {} : { content }),
      ...(contentHash === undefined ? {} : { contentHash }),
      ...(context === undefined ? {} : { context: context === "" ? null : context }),
      ...(confidence === undefined ? {} : { confidence }),
      updatedAt: ctx.clock.now(),
    })
    .where(own)
    .returning();
  try {
    const [row] = await retryTransient(async () => update);
    if (!row) throw knowledgeNotFound();
    return knowledgeView(row);
  } catch (error) {
    if (!violatesUnique(error, "knowledge")) throw error;
    const [before] = await ctx.db.orm.select().from(knowledge).where(own);
    if (!before) throw knowledgeNotFound();
    const wanted = {
      agentRole: agentRole ?? before.agentRole,
      category: category ?? before.category,
      contentHash: contentHash ?? before.contentHash,
    };
    throw knowledgeExists(await idOfContent(ctx, wanted));
  }
}

import { and, eq } from "drizzle-orm";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { retryTransient } from "../db/transient.ts";
import { knowledgeExists, knowledgeView } from "./entry-view.ts";
import type { KnowledgeView, NewKnowledge } from "./inputs.ts";
import { insertEntries, MAX_ENTRIES } from "./insert-entries.ts";
import { newEntry } from "./new-entry.ts";
import { knowledge } from "./schema.ts";

/**
 * Writes an entry down, in a person's name. Throws `knowledge_exists` when role and category know the same content
 * already, however its white space is set, and `knowledge_full`.
 */
export async function createEntry(ctx: Ctx, input: NewKnowledge): Promise<KnowledgeView> {
  const { agentRole, category, content, context, confidence } = input;
  const id = ctx.ids.next();
  const given = { id, agentRole, category, content, context, confidence };
  const entry = await newEntry({ ...given, source: "person", createdAt: ctx.clock.now() });
  const written = await retryTransient(() => insertEntries(ctx.db, ctx.workspaceId, [entry]).run());
  if (written.results.length === 0) {
    const known = await idOfContent(ctx, entry);
    if (known === undefined) throw full();
    // The id is ours alone: when it is there, a fault hit behind the first try's effect.
    if (known !== id) throw knowledgeExists(known);
  }
  return knowledgeView(entry);
}

/** The entry that holds this content for a role and category. */
export async function idOfContent(
  ctx: Ctx,
  { agentRole, category, contentHash }: { agentRole: string; category: string; contentHash: string },
): Promise<string | undefined> {
  const [row] = await ctx.db.orm
    .select({ id: knowledge.id })
    .from(knowledge)
    .where(
      and(
        eq(knowledge.workspaceId, ctx.workspaceId),
        eq(knowledge.agentRole, agentRole),
        eq(knowledge.category, category),
        eq(knowledge.contentHash, contentHash),
      ),
    );
  return row?.id;
}

function full(): DomainError {
  return new DomainError(
    "knowledge_full",
    `A workspace keeps at most ${MAX_ENTRIES} knowledge entries. Delete what is out of date, or put several into one.`,
  );
}

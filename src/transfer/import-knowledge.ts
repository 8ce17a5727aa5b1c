import { z } from "zod";
import type { Ctx } from "../db/context.ts";
import { insertEntries, MAX_ENTRIES, type NewEntry, newEntry } from "../knowledge/index.ts";
import type { Note } from "./import-results.ts";
import type { ImportBundle } from "./import-schema.ts";

/** Of the JSON that one statement carries, in UTF-16 units. */
const MAX_CHUNK = 600_000;

/**
 * The statements that add a bundle's knowledge to the workspace. What the workspace knows already stays as it is. Who
 * wrote an entry down is not from here: it counts as imported, and what an agent learned as learned.
 */
export async function knowledgeStatements(ctx: Ctx, bundle: ImportBundle): Promise<D1PreparedStatement[]> {
  const entries: NewEntry[] = [];
  for (const { agentRole, category, content, context, confidence, source, createdAt } of bundle.knowledgeBase) {
    const at = createdAt === undefined ? ctx.clock.now() : Math.min(Date.parse(createdAt), ctx.clock.now());
    const id = ctx.ids.next();
    const kept = source === "agent" ? ("agent" as const) : ("import" as const);
    entries.push(
      await newEntry({ id, agentRole, category, content, context, confidence, source: kept, createdAt: at }),
    );
  }
  return chunked(entries).map((chunk) => insertEntries(ctx.db, ctx.workspaceId, chunk));
}

/** Says so when the workspace cannot take all entries of these bundles, however few of them are new. */
export async function knowledgeNotes(ctx: Ctx, bundle: ImportBundle): Promise<Note[]> {
  if (bundle.knowledgeBase.length === 0) return [];
  const count = await ctx.db.d1
    .prepare("SELECT count(*) AS count FROM knowledge WHERE workspace_id = ?1")
    .bind(ctx.workspaceId)
    .first("count");
  if (z.number().parse(count) + bundle.knowledgeBase.length <= MAX_ENTRIES) return [];
  const message = `a workspace keeps at most ${MAX_ENTRIES} knowledge entries: what is more was left out`;
  return [{ path: "knowledgeBase", message }];
}

function chunked(entries: readonly NewEntry[]): NewEntry[][] {
  const chunks: NewEntry[][] = [];
  let length = MAX_CHUNK;
  for (const entry of entries) {
    const size = entry.content.length + (entry.context?.length ?? 0) + 500;
    if (length + size > MAX_CHUNK) {
      chunks.push([]);
      length = 0;
    }
    chunks.at(-1)?.push(entry);
    length += size;
  }
  return chunks;
}

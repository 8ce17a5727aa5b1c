import { z } from "zod";
import type { Ctx } from "../db/context.ts";
import type { Conflict, Note } from "./import-results.ts";
import { freeName, rangeOfNames } from "./rules/free-name.ts";

/** A workflow that has the name already. */
export interface Existing {
  id: string;
  revision: number;
  draftHash: string;
  description: string | null;
}

/** What is to become of one workflow of a file. */
export type Planned = { name: string; warnings: Note[] } & (
  | { action: "created" | "renamed" }
  | { action: "overwritten" | "skipped"; existing: Existing }
);

const rowSchema = z.object({
  id: z.string(),
  name: z.string(),
  revision: z.number(),
  draft_hash: z.string(),
  description: z.string().nullable(),
});

/**
 * Decides for each name of a file, in its order, what becomes of its workflow. Names that come twice in one file are
 * told apart like any others; what the file itself has brought is never overwritten by it.
 *
 * @param broughtIds the workflows that an earlier part of the same file has become
 */
export async function planImport(
  ctx: Ctx,
  names: readonly string[],
  conflict: Conflict,
  broughtIds: ReadonlySet<string> = new Set(),
): Promise<Planned[]> {
  const { taken, existing } = await readNames(ctx, names);
  const brought = new Set<string>();
  return names.map((name): Planned => {
    const known = existing.get(name);
    if (known && !brought.has(name) && !broughtIds.has(known.id) && conflict !== "rename") {
      brought.add(name);
      const warnings =
        known.count > 1
          ? [{ path: "workflow.name", message: `${known.count} workflows are called so: the one saved last is meant` }]
          : [];
      return { name, action: conflict === "skip" ? "skipped" : "overwritten", existing: known, warnings };
    }
    brought.add(name);
    const free = taken.has(name) ? freeName(name, taken) : name;
    taken.add(free);
    return { name: free, action: free === name ? "created" : "renamed", warnings: [] };
  });
}

async function readNames(ctx: Ctx, names: readonly string[]) {
  const asked = JSON.stringify([...new Set(names)].map((name) => ({ name, ...rangeOfNames(name) })));
  const { results } = await ctx.db.d1
    .prepare(
      `SELECT DISTINCT w.id, w.name, w.revision, w.draft_hash, w.description, w.updated_at FROM json_each(?2) AS asked
       CROSS JOIN workflows w INDEXED BY workflows_by_name ON w.workspace_id = ?1 AND w.name = asked.value ->> 'name'
       UNION SELECT w.id, w.name, w.revision, w.draft_hash, w.description, w.updated_at FROM json_each(?2) AS asked
       CROSS JOIN workflows w INDEXED BY workflows_by_name
         ON w.workspace_id = ?1 AND w.name >= asked.value ->> 'from' AND w.name < asked.value ->> 'to'
       ORDER BY updated_at`,
    )
    .bind(ctx.workspaceId, asked)
    .run();
  const taken = new Set<string>();
  const existing = new Map<string, Existing & { count: number }>();
  for (const { name, draft_hash: draftHash, ...row } of z.array(rowSchema).parse(results)) {
    taken.add(name);
    existing.set(name, { ...row, draftHash, count: (existing.get(name)?.count ?? 0) + 1 });
  }
  return { taken, existing };
}

import { and, desc, eq, lt } from "drizzle-orm";
import { decodeCursor, type Page, type PageRequest, pageOf, UUID_KEY } from "../core/pagination.ts";
import type { Ctx } from "../db/context.ts";
import { workflows } from "./schema.ts";

/** The workspace's workflows by name, newest first: for choosing one, without reading what they hold. */
export async function listNames(ctx: Ctx, request: PageRequest): Promise<Page<{ id: string; name: string }>> {
  const before = request.cursor === undefined ? undefined : lt(workflows.id, decodeCursor(request.cursor, UUID_KEY));
  const rows = await ctx.db.orm
    .select({ id: workflows.id, name: workflows.name })
    .from(workflows)
    .where(and(eq(workflows.workspaceId, ctx.workspaceId), before))
    .orderBy(desc(workflows.id))
    .limit(request.limit + 1);
  return pageOf(
    rows,
    request,
    (row) => row.id,
    (row) => row,
  );
}

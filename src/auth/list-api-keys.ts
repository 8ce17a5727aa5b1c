import { and, asc, eq, gt } from "drizzle-orm";
import { decodeCursor, type Page, type PageRequest, pageOf } from "../core/pagination.ts";
import type { MemberCtx } from "./accounts-ctx.ts";
import { can, type Role } from "./roles.ts";
import { apiKeys } from "./schema.ts";

/** An API key as it may be shown: without the key. Times are epoch milliseconds. */
export interface ApiKey {
  id: string;
  userId: string;
  name: string;
  role: Role;
  prefix: string;
  createdAt: number;
  expiresAt: number | null;
  /** To five minutes; null before the first use. */
  lastUsedAt: number | null;
}

/** The caller's keys in this workspace; all of the workspace for who may manage them. Oldest first. */
export async function listApiKeys(ctx: MemberCtx, page: PageRequest): Promise<Page<ApiKey>> {
  const rows = await ctx.db.orm
    .select({
      id: apiKeys.id,
      userId: apiKeys.userId,
      name: apiKeys.name,
      role: apiKeys.role,
      prefix: apiKeys.prefix,
      createdAt: apiKeys.createdAt,
      expiresAt: apiKeys.expiresAt,
      lastUsedAt: apiKeys.lastUsedAt,
    })
    .from(apiKeys)
    .where(
      and(
        eq(apiKeys.workspaceId, ctx.workspaceId),
        can(ctx.role, "keys.all") ? undefined : eq(apiKeys.userId, ctx.userId),
        page.cursor === undefined ? undefined : gt(apiKeys.id, decodeCursor(page.cursor)),
      ),
    )
    .orderBy(asc(apiKeys.id))
    .limit(page.limit + 1);
  return pageOf(
    rows,
    page,
    (row) => row.id,
    (row) => row,
  );
}

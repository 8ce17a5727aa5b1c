import { and, eq } from "drizzle-orm";
import { DomainError } from "../core/errors.ts";
import type { MemberCtx } from "./accounts-ctx.ts";
import { can } from "./roles.ts";
import { apiKeys } from "./schema.ts";

/** Ends a key of one's own, or any of the workspace for who may manage them. Throws `api_key_not_found`. */
export async function deleteApiKey(ctx: MemberCtx, id: string): Promise<void> {
  const gone = await ctx.db.orm
    .delete(apiKeys)
    .where(
      and(
        eq(apiKeys.id, id),
        eq(apiKeys.workspaceId, ctx.workspaceId),
        can(ctx.role, "keys.all") ? undefined : eq(apiKeys.userId, ctx.userId),
      ),
    )
    .returning({ id: apiKeys.id });
  if (gone.length === 0) {
    throw new DomainError(
      "api_key_not_found",
      "There is no such API key. GET /api/api-keys lists those you may manage.",
    );
  }
}

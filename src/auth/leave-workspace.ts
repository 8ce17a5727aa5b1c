import { and, eq } from "drizzle-orm";
import { DomainError } from "../core/errors.ts";
import type { MemberCtx } from "./accounts-ctx.ts";
import { removeMember } from "./remove-member.ts";
import { members } from "./schema.ts";

/**
 * Takes the caller out of the workspace that he works in, and ends his sessions in it and the API keys that he made here.
 * Throws `last_owner`, and `forbidden` to a key: whoever found it could otherwise put its maker out of his own workspace.
 */
export async function leaveWorkspace(ctx: MemberCtx): Promise<void> {
  if (ctx.via.kind !== "session") {
    throw new DomainError(
      "forbidden",
      "An API key cannot leave in its maker's place. Sign in, and leave in your session.",
    );
  }
  const own = await ctx.db.orm
    .select({ id: members.id })
    .from(members)
    .where(and(eq(members.workspaceId, ctx.workspaceId), eq(members.userId, ctx.userId)))
    .get();
  if (own === undefined) throw new DomainError("member_not_found", "You do not belong to this workspace any more.");
  await removeMember(ctx, own.id);
}

import { and, eq, isNull, notExists, or, sql } from "drizzle-orm";
import type { Ctx } from "../db/context.ts";
import { lastOwner, leavesAnOwner, readMember } from "./members.ts";
import { members, sessions } from "./schema.ts";

/**
 * Takes somebody out of the workspace, and with the membership the API keys made in it. The sessions that work in it end
 * too: left alive, they would go on in another workspace of that person, and write there what was meant for here.
 * Throws `member_not_found`, `last_owner`.
 */
export async function removeMember(ctx: Ctx, id: string): Promise<void> {
  const { orm } = ctx.db;
  const { userId } = await readMember(ctx, id);
  const membership = and(eq(members.workspaceId, ctx.workspaceId), eq(members.userId, userId));
  const [removed] = await orm.batch([
    orm
      .delete(members)
      .where(and(eq(members.id, id), membership, leavesAnOwner(ctx.workspaceId)))
      .returning({ id: members.id }),
    orm
      .delete(sessions)
      .where(
        and(
          eq(sessions.userId, userId),
          or(eq(sessions.activeWorkspaceId, ctx.workspaceId), isNull(sessions.activeWorkspaceId)),
          notExists(orm.select({ one: sql`1` }).from(members).where(membership)),
        ),
      ),
  ]);
  if (removed.length > 0) return;
  // Either the last owner, or gone since we looked: the second look tells.
  await readMember(ctx, id);
  throw lastOwner();
}

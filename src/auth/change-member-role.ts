import { and, eq } from "drizzle-orm";
import type { Ctx } from "../db/context.ts";
import { lastOwner, leavesAnOwner, type Member, readMember } from "./members.ts";
import type { Role } from "./roles.ts";
import { members } from "./schema.ts";

/** Gives a member another role, from the next request on. Throws `member_not_found`, `last_owner`. */
export async function changeMemberRole(ctx: Ctx, id: string, role: Role): Promise<Member> {
  const changed = await ctx.db.orm
    .update(members)
    .set({ role })
    .where(
      and(
        eq(members.id, id),
        eq(members.workspaceId, ctx.workspaceId),
        role === "owner" ? undefined : leavesAnOwner(ctx.workspaceId),
      ),
    )
    .returning({ id: members.id });
  const member = await readMember(ctx, id);
  if (changed.length === 0) throw lastOwner();
  return member;
}

import { and, asc, eq, gt, ne, or, type SQL, sql } from "drizzle-orm";
import { DomainError } from "../core/errors.ts";
import { decodeCursor, type Page, type PageRequest, pageOf } from "../core/pagination.ts";
import type { Ctx } from "../db/context.ts";
import type { Role } from "./roles.ts";
import { members, users } from "./schema.ts";

/** A person's place in a workspace. `createdAt` is in epoch milliseconds. */
export interface Member {
  id: string;
  userId: string;
  name: string;
  email: string;
  role: Role;
  createdAt: number;
}

const columns = {
  id: members.id,
  userId: members.userId,
  name: users.name,
  email: users.email,
  role: members.role,
  createdAt: members.createdAt,
};

/** Who belongs to the workspace, in the order of joining. */
export async function listMembers(ctx: Ctx, page: PageRequest): Promise<Page<Member>> {
  const rows = await ctx.db.orm
    .select(columns)
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(
      and(
        eq(members.workspaceId, ctx.workspaceId),
        page.cursor === undefined ? undefined : gt(members.id, decodeCursor(page.cursor)),
      ),
    )
    .orderBy(asc(members.id))
    .limit(page.limit + 1);
  return pageOf(rows, page, (row) => row.id, toMember);
}

/** One member of this workspace. Throws `member_not_found`. */
export async function readMember(ctx: Ctx, id: string): Promise<Member> {
  const row = await ctx.db.orm
    .select(columns)
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.id, id), eq(members.workspaceId, ctx.workspaceId)))
    .get();
  if (row === undefined) {
    throw new DomainError("member_not_found", "There is no such member here. GET /api/members lists who belongs.");
  }
  return toMember(row);
}

function toMember(row: Omit<Member, "createdAt"> & { createdAt: Date }): Member {
  return { ...row, createdAt: row.createdAt.getTime() };
}

/**
 * Holds for a member whose loss leaves the workspace an owner. It stands in the WHERE of the change itself: checked
 * before, two owners who remove each other at once would both pass.
 */
export function leavesAnOwner(workspaceId: string): SQL | undefined {
  const owners = sql`(SELECT count(*) FROM members o WHERE o.workspace_id = ${workspaceId} AND o.role = 'owner')`;
  return or(ne(members.role, "owner"), gt(owners, 1));
}

/** The refusal to leave a workspace without an owner. */
export function lastOwner(): DomainError {
  return new DomainError(
    "last_owner",
    "This is the workspace's last owner, and nobody could manage it afterwards. Make somebody else an owner first.",
  );
}

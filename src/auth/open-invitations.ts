import { and, asc, eq, gt, isNull } from "drizzle-orm";
import { DomainError } from "../core/errors.ts";
import { decodeCursor, type Page, type PageRequest, pageOf } from "../core/pagination.ts";
import type { Ctx } from "../db/context.ts";
import type { Role } from "./roles.ts";
import { invitations } from "./schema.ts";

/** An invitation that waits for somebody. Its link is not known any more. Times are epoch milliseconds. */
export interface OpenInvitation {
  id: string;
  role: Role;
  createdBy: string;
  createdAt: number;
  expiresAt: number;
}

/** The workspace's invitations that can still be used, oldest first. */
export async function listInvitations(ctx: Ctx, page: PageRequest): Promise<Page<OpenInvitation>> {
  const rows = await ctx.db.orm
    .select({
      id: invitations.id,
      role: invitations.role,
      createdBy: invitations.createdBy,
      createdAt: invitations.createdAt,
      expiresAt: invitations.expiresAt,
    })
    .from(invitations)
    .where(
      and(
        eq(invitations.workspaceId, ctx.workspaceId),
        isNull(invitations.usedAt),
        gt(invitations.expiresAt, ctx.clock.now()),
        page.cursor === undefined ? undefined : gt(invitations.id, decodeCursor(page.cursor)),
      ),
    )
    .orderBy(asc(invitations.id))
    .limit(page.limit + 1);
  return pageOf(
    rows,
    page,
    (row) => row.id,
    (row) => row,
  );
}

/** Takes back an invitation that nobody has used. Throws `invitation_not_found`. */
export async function deleteInvitation(ctx: Ctx, id: string): Promise<void> {
  const gone = await ctx.db.orm
    .delete(invitations)
    .where(and(eq(invitations.id, id), eq(invitations.workspaceId, ctx.workspaceId), isNull(invitations.usedAt)))
    .returning({ id: invitations.id });
  if (gone.length > 0) return;
  throw new DomainError(
    "invitation_not_found",
    "There is no such open invitation. If somebody has used it, remove the member instead.",
  );
}

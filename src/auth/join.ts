import { and, eq, exists, gt, isNull, type SQL, sql } from "drizzle-orm";
import { DomainError } from "../core/errors.ts";
import type { AccountsCtx } from "./accounts-ctx.ts";
import type { Role } from "./roles.ts";
import { invitations, members, sessions, workspaces } from "./schema.ts";

/** An invitation as the person who holds the link sees it. */
export interface InvitationView {
  workspaceId: string;
  workspaceName: string;
  role: Role;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** The invitation with this digest, or null when it is used, expired, or its maker owns the workspace no more. */
export async function usableInvitation(
  ctx: Pick<AccountsCtx, "db" | "clock">,
  tokenHash: string,
): Promise<InvitationView | null> {
  const row = await ctx.db.orm
    .select({
      workspaceId: invitations.workspaceId,
      workspaceName: workspaces.name,
      role: invitations.role,
      expiresAt: invitations.expiresAt,
    })
    .from(invitations)
    .innerJoin(workspaces, eq(workspaces.id, invitations.workspaceId))
    .where(usable(ctx, tokenHash))
    .get();
  return row ?? null;
}

function usable(ctx: Pick<AccountsCtx, "db" | "clock">, tokenHash: string): SQL | undefined {
  return and(
    eq(invitations.tokenHash, tokenHash),
    isNull(invitations.usedAt),
    gt(invitations.expiresAt, ctx.clock.now()),
    // An owner who was removed must not come back, or send a friend, by a link that he made before.
    exists(
      ctx.db.orm
        .select({ one: sql`1` })
        .from(members)
        .where(
          and(
            eq(members.workspaceId, invitations.workspaceId),
            eq(members.userId, invitations.createdBy),
            eq(members.role, "owner"),
          ),
        ),
    ),
  );
}

interface Join {
  tokenHash: string;
  userId: string;
  /** Which of the person's sessions enters the workspace. */
  session: SQL;
}

/**
 * The statements with which a person joins by an invitation. The first answers the workspace when the invitation was
 * still to be had, and nothing otherwise; the others then change nothing. Fails on `members` when the person is a member.
 */
export function joinStatements(ctx: AccountsCtx, { tokenHash, userId, session }: Join) {
  const { orm } = ctx.db;
  const now = ctx.clock.now();
  // Only the invitation that *this* person used: the second of two at once must find nothing to join by.
  const taken = and(eq(invitations.tokenHash, tokenHash), eq(invitations.usedBy, userId));
  return [
    orm
      .update(invitations)
      .set({ usedAt: now, usedBy: userId })
      .where(usable(ctx, tokenHash))
      .returning({ workspaceId: invitations.workspaceId, role: invitations.role }),
    orm.insert(members).select(
      orm
        .select({
          id: sql<string>`${ctx.ids.next()}`.as("id"),
          workspaceId: invitations.workspaceId,
          userId: sql<string>`${userId}`.as("user_id"),
          role: invitations.role,
          createdAt: sql<Date>`${now}`.as("created_at"),
        })
        .from(invitations)
        .where(taken),
    ),
    orm
      .update(sessions)
      .set({ activeWorkspaceId: sql`(SELECT workspace_id FROM invitations WHERE ${taken})` })
      .where(and(session, exists(orm.select({ one: sql`1` }).from(invitations).where(taken)))),
  ] as const;
}

/** The refusal for a link that is wrong, used or expired: the same for all, so that guessing teaches nothing. */
export function invitationNotFound(): DomainError {
  return new DomainError(
    "invitation_not_found",
    "This invitation does not exist, was used already or has expired. Ask an owner of the workspace for a new link.",
  );
}

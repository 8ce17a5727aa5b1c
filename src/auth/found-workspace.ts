import { and, asc, eq, exists, notExists, type SQL, sql } from "drizzle-orm";
import { violatesUnique } from "../db/transient.ts";
import type { AccountsCtx } from "./accounts-ctx.ts";
import { accounts, installation, members, NEVER_OWNER, sessions, users, workspaces } from "./schema.ts";

/** Whose the installation is: nobody's, an owner's, or of an account that came first and was interrupted. */
export type Standing = "free" | "owned" | "claimed";

interface Founder {
  userId: string;
  /** Which of the person's sessions enters the new workspace. */
  session: SQL;
  /** False for one who came without the setup token: it founds an ordinary workspace, even where nobody is first. */
  mayOwn: boolean;
}

/**
 * How an installation stands to an account, or (`null`) to one that is still to be made. Without an owner it waits for the
 * oldest account that belongs nowhere: its sign-up was cut off, and a stranger who came later must not get what is its.
 */
export async function standingTo(ctx: Pick<AccountsCtx, "db">, userId: string | null): Promise<Standing> {
  const { orm } = ctx.db;
  const owned = await orm.select({ id: installation.id }).from(installation).get();
  if (owned !== undefined) return "owned";
  const one = { one: sql`1` };
  const first = await orm
    .select({ id: users.id })
    .from(users)
    .where(
      and(
        notExists(orm.select(one).from(members).where(eq(members.userId, users.id))),
        // One that was cut off before its password was kept can never sign in: nobody needs to wait for it. Nor for one
        // that gets an ordinary workspace.
        exists(
          orm
            .select(one)
            .from(accounts)
            .where(and(eq(accounts.userId, users.id), sql`${accounts.scope} IS NOT ${NEVER_OWNER}`)),
        ),
      ),
    )
    .orderBy(asc(users.createdAt), asc(users.id))
    .limit(1)
    .get();
  return first === undefined || first.id === userId ? "free" : "claimed";
}

/**
 * Gives an account that belongs nowhere a workspace of its own, and to the first account the installation with it. Answers
 * how the installation stood: when it was not `free` and sign-up is not open, nothing was founded.
 */
export async function foundWorkspace(ctx: AccountsCtx, founder: Founder): Promise<Standing> {
  const standing = await standingTo(ctx, founder.userId);
  if (standing !== "free" || !founder.mayOwn) {
    if (ctx.openSignup) await ctx.db.orm.batch(foundingStatements(ctx, founder).ordinary);
    return standing;
  }
  try {
    await ctx.db.orm.batch(foundingStatements(ctx, founder).first);
    return "free";
  } catch (error) {
    if (!violatesUnique(error, "installation")) throw error;
    // Somebody else was first in the meantime: we are an ordinary newcomer now.
    return foundWorkspace(ctx, founder);
  }
}

/** All of them do nothing when the person belongs somewhere by then: two requests at once must not found two workspaces. */
function foundingStatements(ctx: AccountsCtx, { userId, session }: Founder) {
  const { orm } = ctx.db;
  const now = ctx.clock.now();
  const workspaceId = ctx.ids.next();
  const createdAt = sql<Date>`${now}`.as("created_at");
  const founded = eq(workspaces.id, workspaceId);
  const workspace = orm.insert(workspaces).select(
    orm
      .select({
        id: sql<string>`${workspaceId}`.as("id"),
        name: sql<string>`${users.name} || '''s workspace'`.as("name"),
        slug: sql<string>`${workspaceId}`.as("slug"),
        logo: sql<null>`NULL`.as("logo"),
        metadata: sql<null>`NULL`.as("metadata"),
        createdAt,
      })
      .from(users)
      .where(
        and(
          eq(users.id, userId),
          notExists(orm.select({ one: sql`1` }).from(members).where(eq(members.userId, userId))),
        ),
      ),
  );
  const own = orm.insert(installation).select(
    orm
      .select({
        id: sql<number>`1`.as("id"),
        ownerUserId: sql<string>`${userId}`.as("owner_user_id"),
        ownerWorkspaceId: workspaces.id,
        createdAt: sql<number>`${now}`.as("created_at"),
      })
      .from(workspaces)
      .where(founded),
  );
  const member = orm.insert(members).select(
    orm
      .select({
        id: sql<string>`${ctx.ids.next()}`.as("id"),
        workspaceId: workspaces.id,
        userId: sql<string>`${userId}`.as("user_id"),
        role: sql<"owner">`'owner'`.as("role"),
        createdAt,
      })
      .from(workspaces)
      .where(founded),
  );
  const enter = orm
    .update(sessions)
    .set({ activeWorkspaceId: workspaceId })
    .where(and(session, exists(orm.select({ one: sql`1` }).from(workspaces).where(founded))));
  return {
    first: [workspace, own, member, enter] as const,
    ordinary: [workspace, member, enter] as const,
  };
}

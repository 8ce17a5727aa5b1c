import { eq, sql } from "drizzle-orm";
import { DomainError } from "../core/errors.ts";
import { sha256Hex } from "../core/hash.ts";
import { violatesUnique } from "../db/transient.ts";
import type { AccountsCtx } from "./accounts-ctx.ts";
import { invitationNotFound, joinStatements, usableInvitation } from "./join.ts";
import { installation, members, sessions, users, workspaces } from "./schema.ts";

/** By what right somebody signs up. */
type Admission = { by: "invitation"; tokenHash: string } | { by: "first" } | { by: "open" };

interface NewAccount {
  userId: string;
  name: string;
  sessionToken: string;
}

/**
 * Finds out, before an account is made, whether one may be. Throws `signup_closed` or `invitation_not_found`.
 * Somebody else may still be faster: {@link admit} decides.
 */
export async function admissionOf(ctx: AccountsCtx, invitation: string | undefined): Promise<Admission> {
  if (invitation !== undefined) {
    const tokenHash = await sha256Hex(invitation);
    if ((await usableInvitation(ctx, tokenHash)) === null) throw invitationNotFound();
    return { by: "invitation", tokenHash };
  }
  const owned = await ctx.db.orm.select({ id: installation.id }).from(installation).get();
  if (owned === undefined) return { by: "first" };
  if (ctx.openSignup) return { by: "open" };
  throw signupClosed();
}

/**
 * Gives a new account its workspace, in one batch. An account that finds itself too late is deleted again with its
 * session, so that a closed installation holds nobody who was not let in.
 */
export async function admit(ctx: AccountsCtx, admission: Admission, account: NewAccount): Promise<void> {
  try {
    if (admission.by === "invitation") await join(ctx, admission.tokenHash, account);
    else await found(ctx, admission.by === "first", account);
  } catch (error) {
    await ctx.db.orm.delete(users).where(eq(users.id, account.userId));
    throw error;
  }
}

async function join(ctx: AccountsCtx, tokenHash: string, { userId, sessionToken }: NewAccount): Promise<void> {
  const session = eq(sessions.token, sessionToken);
  const [used] = await ctx.db.orm.batch(joinStatements(ctx, { tokenHash, userId, session }));
  if (used.length === 0) throw invitationNotFound();
}

async function found(ctx: AccountsCtx, first: boolean, account: NewAccount): Promise<void> {
  const { orm } = ctx.db;
  const workspaceId = ctx.ids.next();
  const createdAt = new Date(ctx.clock.now());
  const { userId } = account;
  const makeWorkspace = orm
    .insert(workspaces)
    .values({ id: workspaceId, name: `${account.name}'s workspace`, slug: workspaceId, createdAt });
  const makeOwner = orm.insert(members).values({ id: ctx.ids.next(), workspaceId, userId, role: "owner", createdAt });
  const enter = orm
    .update(sessions)
    .set({ activeWorkspaceId: workspaceId })
    .where(eq(sessions.token, account.sessionToken));
  if (!first) {
    await orm.batch([makeWorkspace, makeOwner, enter]);
    return;
  }
  const own = orm
    .insert(installation)
    .values({ id: 1, ownerUserId: userId, ownerWorkspaceId: workspaceId, createdAt: createdAt.getTime() });
  try {
    await orm.batch([makeWorkspace, own, makeOwner, enter]);
  } catch (error) {
    if (!violatesUnique(error, "installation")) throw error;
    // Somebody else signed up first in the meantime: we are an ordinary newcomer now.
    if (!ctx.openSignup) throw signupClosed();
    await found(ctx, false, account);
  }
}

function signupClosed(): DomainError {
  return new DomainError(
    "signup_closed",
    "This installation takes new people by invitation only. Ask an owner of a workspace for an invitation link.",
  );
}

/** The installation's owner and the workspace that keys from the environment serve; null before the first sign-up. */
export async function installationOwner(ctx: Pick<AccountsCtx, "db">) {
  const row = await ctx.db.orm
    .select({ userId: installation.ownerUserId, workspaceId: installation.ownerWorkspaceId })
    .from(installation)
    .where(sql`${installation.id} = 1`)
    .get();
  return row ?? null;
}

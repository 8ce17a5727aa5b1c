import { eq, sql } from "drizzle-orm";
import { DomainError } from "../core/errors.ts";
import { sha256Hex } from "../core/hash.ts";
import type { AccountsCtx } from "./accounts-ctx.ts";
import { foundWorkspace, type Standing, standingTo } from "./found-workspace.ts";
import { invitationNotFound, joinStatements, usableInvitation } from "./join.ts";
import { installation, sessions, users } from "./schema.ts";
import { requireSetupToken, type SetupTry } from "./setup-token.ts";

/** By what right somebody signs up. `mayOwn`: whether the installation may become this account's, should it be nobody's. */
type Admission = { by: "invitation"; tokenHash: string; mayOwn: false } | { by: "founding"; mayOwn: boolean };

/** What somebody brings who wants to sign up. */
interface Papers {
  /** The token of an invitation link. */
  invitation: string | undefined;
  setup: SetupTry;
}

interface NewAccount {
  userId: string;
  sessionToken: string;
}

/**
 * Finds out, before an account is made, whether one may be. Throws `signup_closed`, `setup_token_required` or
 * `invitation_not_found`. Somebody else may still be faster: {@link admit} decides.
 */
export async function admissionOf(ctx: AccountsCtx, { invitation, setup }: Papers): Promise<Admission> {
  if (invitation !== undefined) {
    const tokenHash = await sha256Hex(invitation);
    if ((await usableInvitation(ctx, tokenHash)) === null) throw invitationNotFound();
    return { by: "invitation", tokenHash, mayOwn: false };
  }
  const standing = await standingTo(ctx, null);
  requireOpen(ctx, standing);
  if (standing === "free") await requireSetupToken(ctx, setup);
  return { by: "founding", mayOwn: standing === "free" || setup.expected === undefined };
}

/**
 * Gives a new account its workspace, in one batch. An account that finds itself too late is deleted again with its
 * session, so that a closed installation holds nobody who was not let in.
 */
export async function admit(ctx: AccountsCtx, admission: Admission, account: NewAccount): Promise<void> {
  const { userId } = account;
  const session = eq(sessions.token, account.sessionToken);
  try {
    if (admission.by === "founding") {
      requireOpen(ctx, await foundWorkspace(ctx, { userId, session, mayOwn: admission.mayOwn }));
      return;
    }
    const [used] = await ctx.db.orm.batch(joinStatements(ctx, { tokenHash: admission.tokenHash, userId, session }));
    if (used.length === 0) throw invitationNotFound();
  } catch (error) {
    await ctx.db.orm.delete(users).where(eq(users.id, userId));
    throw error;
  }
}

function requireOpen(ctx: AccountsCtx, standing: Standing): void {
  if (standing === "free" || ctx.openSignup) return;
  throw new DomainError(
    "signup_closed",
    standing === "owned"
      ? "This installation takes new people by invitation only. Ask an owner of a workspace for an invitation link."
      : "Somebody was first to sign up here and was interrupted. If that was you, sign in with the same email and password, and the installation is yours. If nobody can, delete that account from the database's table users and sign up again.",
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

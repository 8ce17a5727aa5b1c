import { eq } from "drizzle-orm";
import { sha256Hex } from "../core/hash.ts";
import { violatesUnique } from "../db/transient.ts";
import type { AccountsCtx } from "./accounts-ctx.ts";
import { alreadyMember } from "./add-member.ts";
import type { SignedIn } from "./identify.ts";
import { type InvitationView, invitationNotFound, joinStatements, usableInvitation } from "./join.ts";
import { sessions } from "./schema.ts";

/** What a link offers, for the page that shows it. Throws `invitation_not_found`. */
export async function readInvitation(ctx: Pick<AccountsCtx, "db" | "clock">, token: string): Promise<InvitationView> {
  const invitation = await usableInvitation(ctx, await sha256Hex(token));
  if (invitation === null) throw invitationNotFound();
  return invitation;
}

/**
 * Lets somebody who is signed in join by a link, and enter. Answers the workspace's id. Throws `invitation_not_found`,
 * and `already_member`, which leaves the link good for somebody else.
 */
export async function acceptInvitation(ctx: AccountsCtx, person: SignedIn, token: string): Promise<string> {
  const tokenHash = await sha256Hex(token);
  const session = eq(sessions.id, person.sessionId);
  try {
    const [used] = await ctx.db.orm.batch(joinStatements(ctx, { tokenHash, userId: person.userId, session }));
    const joined = used[0];
    if (joined === undefined) throw invitationNotFound();
    return joined.workspaceId;
  } catch (error) {
    if (violatesUnique(error, "members.")) throw alreadyMember(error);
    throw error;
  }
}

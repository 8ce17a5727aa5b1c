import { eq, type SQL } from "drizzle-orm";
import type { AccountsCtx } from "./accounts-ctx.ts";
import { foundWorkspace } from "./found-workspace.ts";
import { members } from "./schema.ts";

/**
 * Gives somebody signed in who belongs nowhere the workspace that a sign-up would have given: a sign-up that was cut off
 * leaves an account behind whose email is taken. Where only invitations let people in, nothing happens, unless this is the
 * account that the installation waits for.
 *
 * @param session which of the person's sessions enters the workspace
 */
export async function settle(ctx: AccountsCtx, userId: string, session: SQL): Promise<void> {
  const member = await ctx.db.orm.select({ id: members.id }).from(members).where(eq(members.userId, userId)).get();
  // The account that the installation waits for brought its setup token as it was made.
  if (member === undefined) await foundWorkspace(ctx, { userId, session, mayOwn: true });
}

import { and, eq, type SQL } from "drizzle-orm";
import type { AccountsCtx } from "./accounts-ctx.ts";
import { foundWorkspace } from "./found-workspace.ts";
import { accounts, members, NEVER_OWNER } from "./schema.ts";

/**
 * Gives somebody signed in who belongs nowhere the workspace that a sign-up would have given: a sign-up that was cut off
 * leaves an account behind whose email is taken. Where only invitations let people in, nothing happens, unless this is the
 * account that the installation waits for.
 *
 * @param session which of the person's sessions enters the workspace
 */
export async function settle(ctx: AccountsCtx, userId: string, session: SQL): Promise<void> {
  const { orm } = ctx.db;
  const member = await orm.select({ id: members.id }).from(members).where(eq(members.userId, userId)).get();
  if (member !== undefined) return;
  // The account that the installation waits for brought its setup token as it was made. Others are marked.
  const barred = await orm
    .select({ id: accounts.id })
    .from(accounts)
    .where(and(eq(accounts.userId, userId), eq(accounts.scope, NEVER_OWNER)))
    .get();
  await foundWorkspace(ctx, { userId, session, mayOwn: barred === undefined });
}

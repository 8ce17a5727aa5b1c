import { hashPassword } from "better-auth/crypto";
import { and, eq, exists, gt, isNull, sql } from "drizzle-orm";
import { DomainError } from "../core/errors.ts";
import { sha256Hex } from "../core/hash.ts";
import type { Db } from "../db/client.ts";
import type { AccountsCtx, MemberCtx } from "./accounts-ctx.ts";
import { ownsInstallation } from "./better-auth.ts";
import { readMember } from "./members.ts";
import { SECRET_BYTES } from "./rules/api-key.ts";
import { accounts, members, passwordResets, sessions, users } from "./schema.ts";

const LIFE_MS = 86_400_000;

/**
 * Makes a link, good for a day and once, with which a member sets a new password; an earlier one ends. Whoever holds it
 * becomes that person everywhere, so an owner of one workspace may only make it for somebody who is under him in all:
 * otherwise adding a stranger by email would be a way to take over the account. Throws `member_not_found`, `forbidden`.
 */
export async function createPasswordReset(
  ctx: MemberCtx,
  memberId: string,
): Promise<{ token: string; expiresAt: number }> {
  const { userId } = await readMember(ctx, memberId);
  if (!(await mayReset(ctx.db, ctx.userId, userId))) {
    throw new DomainError(
      "forbidden",
      "This account owns the installation or belongs to workspaces that you do not own. Ask the installation's owner for the link.",
    );
  }
  const { orm } = ctx.db;
  const createdAt = ctx.clock.now();
  const expiresAt = createdAt + LIFE_MS;
  const token = ctx.ids.secret(SECRET_BYTES);
  const row = {
    id: ctx.ids.next(),
    userId,
    tokenHash: await sha256Hex(token),
    createdBy: ctx.userId,
    createdAt,
    expiresAt,
  };
  await orm.batch([
    orm.delete(passwordResets).where(eq(passwordResets.userId, userId)),
    orm.insert(passwordResets).values(row),
  ]);
  return { token, expiresAt };
}

/** Whether an owner may become this person: the person himself, the installation's owner, or an owner wherever he is. */
async function mayReset(db: Db, ownerId: string, userId: string): Promise<boolean> {
  if (ownerId === userId || (await ownsInstallation(db, ownerId))) return true;
  const ownedByOwner = sql`(SELECT m.workspace_id FROM members m WHERE m.user_id = ${ownerId} AND m.role = 'owner')`;
  const elsewhere = await db.orm
    .select({ id: members.id })
    .from(members)
    .where(and(eq(members.userId, userId), sql`${members.workspaceId} NOT IN ${ownedByOwner}`))
    .limit(1)
    .get();
  return elsewhere === undefined && !(await ownsInstallation(db, userId));
}

/** Sets a new password by a link, and ends the person's sessions. Answers the email to sign in with. */
export async function resetPassword(ctx: AccountsCtx, input: { token: string; password: string }): Promise<string> {
  const { orm } = ctx.db;
  const now = ctx.clock.now();
  const tokenHash = await sha256Hex(input.token);
  const usable = and(
    eq(passwordResets.tokenHash, tokenHash),
    isNull(passwordResets.usedAt),
    gt(passwordResets.expiresAt, now),
  );
  // Before the hash, which costs a tenth of a second: a wrong link must not buy that much work.
  const reset = await orm
    .select({ userId: passwordResets.userId, createdBy: passwordResets.createdBy, email: users.email })
    .from(passwordResets)
    .innerJoin(users, eq(users.id, passwordResets.userId))
    .where(usable)
    .get();
  if (reset === undefined) throw resetNotFound();
  // A link kept back until its person has joined elsewhere, or its maker was removed, must not open what came later.
  if (!(await mayReset(ctx.db, reset.createdBy, reset.userId))) throw resetNotFound();
  const password = await hashPassword(input.password);
  const claim = ctx.ids.next();
  const claimed = exists(orm.select({ one: sql`1` }).from(passwordResets).where(eq(passwordResets.claim, claim)));
  const [used] = await orm.batch([
    orm.update(passwordResets).set({ usedAt: now, claim }).where(usable).returning({ id: passwordResets.id }),
    orm
      .update(accounts)
      .set({ password, updatedAt: new Date(now) })
      .where(and(eq(accounts.userId, reset.userId), eq(accounts.providerId, "credential"), claimed)),
    orm.delete(sessions).where(and(eq(sessions.userId, reset.userId), claimed)),
  ]);
  if (used.length === 0) throw resetNotFound();
  return reset.email;
}

function resetNotFound(): DomainError {
  return new DomainError(
    "password_reset_not_found",
    "This link does not exist, was used already or has expired. Ask an owner of your workspace for a new one.",
  );
}

import { eq } from "drizzle-orm";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { violatesUnique } from "../db/transient.ts";
import { type Member, readMember } from "./members.ts";
import type { Role } from "./roles.ts";
import { members, users } from "./schema.ts";
import { installationOwner } from "./sign-up.ts";

/**
 * Lets somebody in who has an account here. In the workspace of the installation's owner only: elsewhere it would tell
 * any tenant who has an account and under which name, and pull strangers in without asking them. Throws `forbidden`,
 * `member_not_found` for an unknown email, `already_member`.
 */
export async function addMember(ctx: Ctx, { email, role }: { email: string; role: Role }): Promise<Member> {
  const owner = await installationOwner(ctx);
  if (owner?.workspaceId !== ctx.workspaceId) {
    throw new DomainError(
      "forbidden",
      "Only the workspace of the installation's owner adds people by email. Make an invitation link with POST /api/invitations and send it instead.",
    );
  }
  const person = await ctx.db.orm
    .select({ id: users.id })
    .from(users)
    // better-auth keeps emails in lower case.
    .where(eq(users.email, email.toLowerCase()))
    .get();
  if (person === undefined) {
    throw new DomainError(
      "member_not_found",
      "Nobody has an account with this email here. Make an invitation link with POST /api/invitations and send it instead.",
    );
  }
  const id = ctx.ids.next();
  try {
    await ctx.db.orm
      .insert(members)
      .values({ id, workspaceId: ctx.workspaceId, userId: person.id, role, createdAt: new Date(ctx.clock.now()) });
  } catch (error) {
    if (violatesUnique(error, "members.")) throw alreadyMember(error);
    throw error;
  }
  return readMember(ctx, id);
}

/** The refusal to let somebody in twice. */
export function alreadyMember(cause: unknown): DomainError {
  return new DomainError(
    "already_member",
    "This person belongs to the workspace already. An owner changes a role with PUT /api/members/:id.",
    { cause },
  );
}

import { sha256Hex } from "../core/hash.ts";
import type { MemberCtx } from "./accounts-ctx.ts";
import { requireFuture } from "./require-future.ts";
import type { Role } from "./roles.ts";
import { SECRET_BYTES } from "./rules/api-key.ts";
import { invitations } from "./schema.ts";

const DEFAULT_LIFE_MS = 7 * 86_400_000;

/** An invitation just made. Times are epoch milliseconds; the token is shown this once. */
export interface NewInvitation {
  id: string;
  token: string;
  role: Role;
  expiresAt: number;
}

/** Makes a link that lets one person join with this role, within seven days unless said otherwise. */
export async function createInvitation(
  ctx: MemberCtx,
  input: { role: Role; expiresAt?: number | undefined },
): Promise<NewInvitation> {
  const createdAt = ctx.clock.now();
  const expiresAt = input.expiresAt ?? createdAt + DEFAULT_LIFE_MS;
  requireFuture(expiresAt, createdAt);
  const id = ctx.ids.next();
  const token = ctx.ids.secret(SECRET_BYTES);
  await ctx.db.orm.insert(invitations).values({
    id,
    workspaceId: ctx.workspaceId,
    tokenHash: await sha256Hex(token),
    role: input.role,
    createdBy: ctx.userId,
    createdAt,
    expiresAt,
  });
  return { id, token, role: input.role, expiresAt };
}

import { and, eq, gt, isNull, or } from "drizzle-orm";
import type { Db } from "../db/client.ts";
import type { Identity } from "./identify.ts";
import { lesserRole, type Role } from "./roles.ts";
import { apiKeys, members, sessions } from "./schema.ts";

/**
 * What somebody may do at `now` (epoch milliseconds) who was identified earlier, or null when the session, the key or the
 * membership has ended. For connections that outlive a request: a WebSocket must not go on showing what its person lost.
 */
export async function roleNow(
  db: Db,
  { workspaceId, userId, via }: Omit<Identity, "role">,
  now: number,
): Promise<Role | null> {
  const member = and(eq(members.workspaceId, workspaceId), eq(members.userId, userId));
  if (via.kind === "session") {
    const row = await db.orm
      .select({ role: members.role })
      .from(sessions)
      .innerJoin(members, member)
      .where(and(eq(sessions.id, via.sessionId), eq(sessions.userId, userId), gt(sessions.expiresAt, new Date(now))))
      .get();
    return row?.role ?? null;
  }
  const row = await db.orm
    .select({ role: members.role, keyRole: apiKeys.role })
    .from(apiKeys)
    .innerJoin(members, member)
    .where(
      and(
        eq(apiKeys.id, via.keyId),
        eq(apiKeys.workspaceId, workspaceId),
        or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now)),
      ),
    )
    .get();
  return row === undefined ? null : lesserRole(row.keyRole, row.role);
}

import { and, eq, gt, isNull, or, sql } from "drizzle-orm";
import { parseSigned } from "hono/utils/cookie";
import { sha256Hex } from "../core/hash.ts";
import type { Db } from "../db/client.ts";
import { lesserRole, type Role } from "./roles.ts";
import { bearerKey } from "./rules/api-key.ts";
import { apiKeys, members, sessions } from "./schema.ts";
import { sessionCookieName } from "./session-cookie.ts";

/** Who asks, for which workspace, and by what right. */
export interface Identity {
  workspaceId: string;
  userId: string;
  /** What the caller may do: a key's is the weaker of its own and its maker's. */
  role: Role;
  /** The row that the access hangs on: it ends when that row goes. */
  via: { kind: "session"; sessionId: string; expiresAt: number } | { kind: "api_key"; keyId: string };
}

/** A person who is signed in. `membership` is null for one who belongs to no workspace (any more). */
export interface SignedIn {
  sessionId: string;
  userId: string;
  /** Epoch milliseconds. */
  expiresAt: number;
  membership: { workspaceId: string; role: Role } | null;
}

/** What identifying needs of a request and of the installation. */
export interface Credentials {
  db: Db;
  headers: Headers;
  /** Epoch milliseconds. */
  now: number;
  /** The secret that cookies are signed with. */
  secret: string;
  /** Whether the installation is reached over https, which decides the cookie's name. */
  secure: boolean;
}

/** An API key that stands behind a request, and when it was last noted as used (epoch ms; null for never). */
export interface UsedKey {
  id: string;
  lastUsedAt: number | null;
}

/** `no_workspace`: signed in, but a member of nothing. */
export type Identified =
  | { status: "known"; identity: Identity; key: UsedKey | null }
  | { status: "no_workspace"; userId: string }
  | { status: "unknown" };

/**
 * Who sent a request: `Authorization: Bearer swarm_...` first, else the session cookie. One query either way, because
 * it stands before every other. A bearer token that is not valid is not made up for by a cookie.
 */
export async function identify(credentials: Credentials): Promise<Identified> {
  const key = bearerKey(credentials.headers.get("Authorization"));
  if (key === null) return { status: "unknown" };
  if (key !== undefined) {
    return identityOfKey(credentials.db, key, credentials.now);
  }
  const signedIn = await identifySession(credentials);
  if (signedIn === null) return { status: "unknown" };
  if (signedIn.membership === null) return { status: "no_workspace", userId: signedIn.userId };
  const { sessionId, userId, expiresAt, membership } = signedIn;
  const identity = { ...membership, userId, via: { kind: "session" as const, sessionId, expiresAt } };
  return { status: "known", identity, key: null };
}

/** The person behind the session cookie, or null. API keys do not count: they cannot join workspaces. */
export async function identifySession({ db, headers, now, secret, secure }: Credentials): Promise<SignedIn | null> {
  const name = sessionCookieName(secure);
  const cookies = await parseSigned(headers.get("Cookie") ?? "", secret, name);
  const token = cookies[name];
  if (token === undefined || token === false) return null;
  // Without a chosen workspace the oldest membership stands in: somebody added while signed in need not sign in again.
  const workspaceId = sql`coalesce(${sessions.activeWorkspaceId}, (SELECT m.workspace_id FROM members m
    WHERE m.user_id = ${sessions.userId} ORDER BY m.created_at, m.id LIMIT 1))`;
  const row = await db.orm
    .select({
      sessionId: sessions.id,
      userId: sessions.userId,
      expiresAt: sessions.expiresAt,
      workspaceId: members.workspaceId,
      role: members.role,
    })
    .from(sessions)
    .leftJoin(members, and(eq(members.userId, sessions.userId), eq(members.workspaceId, workspaceId)))
    .where(and(eq(sessions.token, token), gt(sessions.expiresAt, new Date(now))))
    .get();
  if (row === undefined) return null;
  return {
    sessionId: row.sessionId,
    userId: row.userId,
    expiresAt: row.expiresAt.getTime(),
    membership: row.workspaceId === null || row.role === null ? null : { workspaceId: row.workspaceId, role: row.role },
  };
}

async function identityOfKey(db: Db, key: string, now: number): Promise<Identified> {
  const row = await db.orm
    .select({
      keyId: apiKeys.id,
      workspaceId: apiKeys.workspaceId,
      userId: apiKeys.userId,
      keyRole: apiKeys.role,
      makerRole: members.role,
      lastUsedAt: apiKeys.lastUsedAt,
    })
    .from(apiKeys)
    .innerJoin(members, and(eq(members.workspaceId, apiKeys.workspaceId), eq(members.userId, apiKeys.userId)))
    .where(
      // Looked up by digest: what an index compares says nothing about the key itself.
      and(eq(apiKeys.keyHash, await sha256Hex(key)), or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now))),
    )
    .get();
  if (row === undefined) return { status: "unknown" };
  const { keyId, workspaceId, userId, keyRole, makerRole, lastUsedAt } = row;
  const role = lesserRole(keyRole, makerRole);
  return {
    status: "known",
    identity: { workspaceId, userId, role, via: { kind: "api_key", keyId } },
    key: { id: keyId, lastUsedAt },
  };
}

import { and, asc, eq, exists, sql } from "drizzle-orm";
import { DomainError } from "../core/errors.ts";
import type { Db } from "../db/client.ts";
import type { Role } from "./roles.ts";
import { members, sessions, users, workspaces } from "./schema.ts";

export interface Workspace {
  id: string;
  name: string;
  /** What the person is there. */
  role: Role;
}

export interface Me {
  user: { id: string; name: string; email: string };
  workspace: Workspace;
  workspaces: Workspace[];
}

/** A person, the workspace that is worked in, and all that the person belongs to. */
export async function readMe(db: Db, asked: { userId: string; workspaceId: string }): Promise<Me> {
  const rows = await db.orm
    .select({
      user: { id: users.id, name: users.name, email: users.email },
      workspace: { id: workspaces.id, name: workspaces.name, role: members.role },
    })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .innerJoin(workspaces, eq(workspaces.id, members.workspaceId))
    .where(eq(members.userId, asked.userId))
    .orderBy(asc(members.createdAt), asc(members.id));
  const current = rows.find((row) => row.workspace.id === asked.workspaceId);
  if (current === undefined) throw workspaceNotFound();
  return { ...current, workspaces: rows.map((row) => row.workspace) };
}

/** Makes a session work in another workspace of its person. Throws `workspace_not_found` where he is no member. */
export async function switchWorkspace(
  db: Db,
  { sessionId, userId, workspaceId }: { sessionId: string; userId: string; workspaceId: string },
): Promise<void> {
  const membership = db.orm
    .select({ one: sql`1` })
    .from(members)
    .where(and(eq(members.userId, userId), eq(members.workspaceId, workspaceId)));
  const switched = await db.orm
    .update(sessions)
    .set({ activeWorkspaceId: workspaceId })
    .where(and(eq(sessions.id, sessionId), eq(sessions.userId, userId), exists(membership)))
    .returning({ id: sessions.id });
  if (switched.length === 0) throw workspaceNotFound();
}

function workspaceNotFound(): DomainError {
  return new DomainError("workspace_not_found", "You belong to no such workspace. GET /api/me lists yours.");
}

import { and, desc, eq, or } from "drizzle-orm";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import type { Definition } from "../definitions/index.ts";
import { snapshots, versions } from "./schema.ts";
import { decodeSnapshot } from "./snapshots.ts";

export interface PinnedVersion {
  id: string;
  number: number;
  contentHash: string;
  definition: Definition;
}

/**
 * The version of a workflow that `reference` names (its id, or its number), with its definition.
 * Throws `version_not_found`, for a version of another workflow too.
 */
export async function findVersion(ctx: Ctx, workflowId: string, reference: string | number): Promise<PinnedVersion> {
  const text = String(reference);
  const byNumber = /^[1-9]\d{0,14}$/.test(text) ? eq(versions.number, Number(text)) : undefined;
  const [row] = await ctx.db.orm
    .select({
      id: versions.id,
      number: versions.number,
      contentHash: versions.contentHash,
      encoding: snapshots.encoding,
      content: snapshots.content,
    })
    .from(versions)
    .innerJoin(
      snapshots,
      and(eq(snapshots.workspaceId, versions.workspaceId), eq(snapshots.hash, versions.contentHash)),
    )
    .where(
      and(
        eq(versions.workspaceId, ctx.workspaceId),
        eq(versions.workflowId, workflowId),
        or(eq(versions.id, text), byNumber),
      ),
    )
    .orderBy(desc(versions.number))
    .limit(1);
  if (!row) {
    throw new DomainError(
      "version_not_found",
      `This workflow has no version ${text}. GET its versions to see what there is.`,
    );
  }
  return {
    id: row.id,
    number: row.number,
    contentHash: row.contentHash,
    definition: await decodeSnapshot(row),
  };
}

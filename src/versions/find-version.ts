import { and, eq, type SQL } from "drizzle-orm";
import { DomainError } from "../core/errors.ts";
import { sha256Hex } from "../core/hash.ts";
import type { Ctx } from "../db/context.ts";
import type { ReadDefinition } from "./read-definition.ts";
import { drawVersion, mainVersion } from "./rules/draw-version.ts";
import { snapshots, versions, versionTags } from "./schema.ts";
import { readSnapshot } from "./snapshots.ts";

export interface PinnedVersion extends ReadDefinition {
  id: string;
  number: number;
  contentHash: string;
}

/**
 * The version of a workflow that `reference` names (its id, its number or a tag), with its definition. A tag that is
 * shared between versions means the one drawn for `executionId`, and without an execution the one with the largest
 * share. Throws `version_not_found`, for a version of another workflow too.
 */
export async function findVersion(
  ctx: Ctx,
  workflowId: string,
  reference: string | number,
  executionId?: string,
): Promise<PinnedVersion> {
  const text = String(reference);
  // One or the other: asked for either, SQLite reads the workflow's whole history. No id looks like a number.
  const isNumber = /^[1-9]\d{0,14}$/.test(text);
  const direct = await select(ctx, workflowId, isNumber ? eq(versions.number, Number(text)) : eq(versions.id, text));
  const row = direct ?? (await byTag(ctx, workflowId, text, executionId));
  if (!row) {
    throw new DomainError(
      "version_not_found",
      `This workflow has no version and no tag ${text}. GET its versions to see what there is.`,
    );
  }
  return { id: row.id, number: row.number, contentHash: row.contentHash, ...(await readSnapshot(row)) };
}

async function byTag(ctx: Ctx, workflowId: string, tag: string, executionId: string | undefined) {
  const shares = await ctx.db.orm
    .select({ versionId: versionTags.versionId, weight: versionTags.weight })
    .from(versionTags)
    .where(
      and(
        eq(versionTags.workspaceId, ctx.workspaceId),
        eq(versionTags.workflowId, workflowId),
        eq(versionTags.tag, tag),
      ),
    );
  const versionId = executionId === undefined ? mainVersion(shares) : drawVersion(shares, await sha256Hex(executionId));
  return versionId === undefined ? undefined : select(ctx, workflowId, eq(versions.id, versionId));
}

async function select(ctx: Ctx, workflowId: string, condition: SQL) {
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
    .where(and(eq(versions.workspaceId, ctx.workspaceId), eq(versions.workflowId, workflowId), condition))
    .limit(1);
  return row;
}

import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import type { TagChange, VersionView } from "./inputs.ts";
import { getVersion } from "./read-versions.ts";

/**
 * Changes the tags of a version: moves one here, shares one between this and other versions of the workflow, removes
 * one, or removes all of this version's. Whatever runs by a tag runs the new version from the next execution on.
 * Throws `version_not_found`, also when a share names a version of another workflow, and `invalid_fields`.
 */
export async function tagVersion(ctx: Ctx, versionId: string, change: TagChange): Promise<VersionView> {
  const { workflowId } = await getVersion(ctx, versionId);
  const now = ctx.clock.now();
  if ("remove" in change) await ctx.db.d1.batch([removeTag(ctx, versionId, change.remove)]);
  else if (change.tag === null) await ctx.db.d1.batch([removeAll(ctx, versionId)]);
  else if ("split" in change) await split(ctx, { workflowId, versionId, tag: change.tag, now }, change.split);
  else await ctx.db.d1.batch(setShares(ctx, workflowId, change.tag, [{ versionId, weight: 1 }], now));
  return getVersion(ctx, versionId);
}

/** The statements that move a tag to the newest version of a workflow, for the batch of a commit. */
export function moveTagToHead(ctx: Ctx, workflowId: string, tag: string, now: number): D1PreparedStatement[] {
  return [
    clearTag(ctx, workflowId, tag),
    ctx.db.d1
      .prepare(
        `INSERT INTO version_tags (workspace_id, workflow_id, tag, version_id, weight, moved_at)
         SELECT workspace_id, workflow_id, ?3, id, 1, ?4 FROM versions WHERE workspace_id = ?1 AND workflow_id = ?2
         ORDER BY number DESC LIMIT 1`,
      )
      .bind(ctx.workspaceId, workflowId, tag, now),
  ];
}

interface Split {
  workflowId: string;
  versionId: string;
  tag: string;
  now: number;
}

async function split(ctx: Ctx, target: Split, shares: readonly { versionId: string; weight: number }[]): Promise<void> {
  const ids = new Set(shares.map((share) => share.versionId));
  if (ids.size !== shares.length || !ids.has(target.versionId)) {
    const message = ids.has(target.versionId) ? "each version once" : "this version must be among them";
    throw new DomainError("invalid_fields", `A split shares a tag between this version and others: ${message}.`, {
      details: [{ path: "split", message }],
    });
  }
  for (const id of ids) {
    if ((await getVersion(ctx, id)).workflowId === target.workflowId) continue;
    throw new DomainError("version_not_found", `This workflow has no version ${id}.`);
  }
  await ctx.db.d1.batch(setShares(ctx, target.workflowId, target.tag, shares, target.now));
}

function setShares(
  ctx: Ctx,
  workflowId: string,
  tag: string,
  shares: readonly { versionId: string; weight: number }[],
  now: number,
): D1PreparedStatement[] {
  return [
    clearTag(ctx, workflowId, tag),
    ctx.db.d1
      .prepare(
        `INSERT INTO version_tags (workspace_id, workflow_id, tag, version_id, weight, moved_at)
         SELECT ?1, ?2, ?3, value ->> 'versionId', value ->> 'weight', ?5 FROM json_each(?4)`,
      )
      .bind(ctx.workspaceId, workflowId, tag, JSON.stringify(shares), now),
  ];
}

function clearTag(ctx: Ctx, workflowId: string, tag: string): D1PreparedStatement {
  return ctx.db.d1
    .prepare("DELETE FROM version_tags WHERE workspace_id = ?1 AND workflow_id = ?2 AND tag = ?3")
    .bind(ctx.workspaceId, workflowId, tag);
}

function removeTag(ctx: Ctx, versionId: string, tag: string): D1PreparedStatement {
  return ctx.db.d1
    .prepare("DELETE FROM version_tags WHERE workspace_id = ?1 AND version_id = ?2 AND tag = ?3")
    .bind(ctx.workspaceId, versionId, tag);
}

function removeAll(ctx: Ctx, versionId: string): D1PreparedStatement {
  return ctx.db.d1
    .prepare("DELETE FROM version_tags WHERE workspace_id = ?1 AND version_id = ?2")
    .bind(ctx.workspaceId, versionId);
}

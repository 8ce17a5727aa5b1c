import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { retryTransient, violatesCheck, violatesForeignKey } from "../db/transient.ts";
import type { TagChange, VersionView } from "./inputs.ts";
import { getVersion } from "./read-versions.ts";

/** All tags of a version come along with it in every list: a row of D1 must hold them. */
export const MAX_TAGS = 50;

interface Share {
  versionId: string;
  weight: number;
}

/**
 * Changes the tags of a version: moves one here, shares one between this and other versions of the workflow, removes
 * one, or removes all of this version's. Whatever runs by a tag runs the new version from the next execution on.
 * Throws `version_not_found`, also when a share names a version of another workflow, `too_many_tags` and `invalid_fields`.
 */
export async function tagVersion(ctx: Ctx, versionId: string, change: TagChange): Promise<VersionView> {
  const { workflowId } = await getVersion(ctx, versionId);
  const statements = await statementsOf(ctx, { workflowId, versionId }, change);
  try {
    await retryTransient(() => ctx.db.d1.batch(statements));
  } catch (error) {
    throw asTagFault(error);
  }
  return getVersion(ctx, versionId);
}

async function statementsOf(
  ctx: Ctx,
  { workflowId, versionId }: { workflowId: string; versionId: string },
  change: TagChange,
): Promise<D1PreparedStatement[]> {
  if ("remove" in change) return [removeTag(ctx, versionId, change.remove)];
  if (change.tag === null) return [removeAll(ctx, versionId)];
  if (change.split === undefined) return setShares(ctx, workflowId, change.tag, [{ versionId, weight: 1 }]);
  await assertSplit(ctx, { workflowId, versionId }, change.split);
  return setShares(ctx, workflowId, change.tag, change.split);
}

/** The statements that move a tag to the newest version of a workflow, for the batch of a commit. */
export function moveTagToHead(ctx: Ctx, workflowId: string, tag: string): D1PreparedStatement[] {
  return [
    clearTag(ctx, workflowId, tag),
    ctx.db.d1
      .prepare(
        `INSERT INTO version_tags (workspace_id, workflow_id, tag, version_id, weight, moved_at)
         SELECT workspace_id, workflow_id, ?3, id, ${weightWithin("versions.id", "1")}, ?4
         FROM versions WHERE workspace_id = ?1 AND workflow_id = ?2 ORDER BY number DESC LIMIT 1`,
      )
      .bind(ctx.workspaceId, workflowId, tag, ctx.clock.now()),
  ];
}

/** The error of a batch that sets tags, as a refusal where it is one. */
export function asTagFault(error: unknown): unknown {
  if (violatesForeignKey(error)) {
    const message = "The version was deleted meanwhile. GET the workflow's versions to see what there is.";
    return new DomainError("version_not_found", message, { cause: error });
  }
  if (violatesCheck(error, "weight > 0")) {
    const message = `A version holds at most ${MAX_TAGS} tags. Remove one with {"remove": "its name"} first.`;
    return new DomainError("too_many_tags", message, { cause: error });
  }
  return error;
}

async function assertSplit(
  ctx: Ctx,
  target: { workflowId: string; versionId: string },
  shares: readonly Share[],
): Promise<void> {
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
}

function setShares(ctx: Ctx, workflowId: string, tag: string, shares: readonly Share[]): D1PreparedStatement[] {
  return [
    clearTag(ctx, workflowId, tag),
    ctx.db.d1
      .prepare(
        `INSERT INTO version_tags (workspace_id, workflow_id, tag, version_id, weight, moved_at)
         SELECT ?1, ?2, ?3, value ->> 'versionId', ${weightWithin("value ->> 'versionId'", "value ->> 'weight'")}, ?5
         FROM json_each(?4)`,
      )
      .bind(ctx.workspaceId, workflowId, tag, JSON.stringify(shares), ctx.clock.now()),
  ];
}

/** A weight in SQL that the table's CHECK refuses, and the whole batch with it, where the version holds too many tags. */
function weightWithin(versionId: string, weight: string): string {
  return `CASE WHEN (SELECT count(*) FROM version_tags held WHERE held.workspace_id = ?1
    AND held.version_id = ${versionId}) < ${MAX_TAGS} THEN ${weight} ELSE 0 END`;
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

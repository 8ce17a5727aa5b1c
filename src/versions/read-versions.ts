import { and, desc, eq, lt, type SQL, sql } from "drizzle-orm";
import { isoTime } from "../core/clock.ts";
import { DomainError } from "../core/errors.ts";
import { decodeCursor, type Page, type PageRequest, pageOf } from "../core/pagination.ts";
import type { Ctx } from "../db/context.ts";
import type { Definition } from "../definitions/index.ts";
import type { VersionView } from "./inputs.ts";
import { statisticsOf } from "./rules/statistics.ts";
import { snapshots, versions } from "./schema.ts";
import { decodeSnapshot } from "./snapshots.ts";
import { tagsSchema } from "./tags-of-version.ts";

/** Columns of the outer table by name: in a query of one table drizzle leaves the table out, and the inner one would be meant. */
const TAGS = sql<string>`(SELECT json_group_array(json_object('tag', t.tag, 'movedAt', t.moved_at, 'weight', t.weight,
    'total', (SELECT sum(o.weight) FROM version_tags o WHERE o.workspace_id = t.workspace_id AND o.workflow_id = t.workflow_id AND o.tag = t.tag)))
  FROM version_tags t WHERE t.workspace_id = versions.workspace_id AND t.version_id = versions.id)`;

/** A parent that was pruned is not shown: an id that leads nowhere helps nobody. */
const PARENT = sql<
  string | null
>`(SELECT p.id FROM versions p WHERE p.workspace_id = versions.workspace_id AND p.id = versions.parent_version_id)`;

const columns = {
  id: versions.id,
  workflowId: versions.workflowId,
  number: versions.number,
  kind: versions.kind,
  message: versions.message,
  contentHash: versions.contentHash,
  parentVersionId: PARENT.as("parent_id"),
  createdBy: versions.createdBy,
  createdByName: sql<string | null>`(SELECT u.name FROM users u WHERE u.id = versions.created_by)`.as("author_name"),
  createdAt: versions.createdAt,
  tags: TAGS.as("tags"),
  succeededCount: versions.succeededCount,
  failedCount: versions.failedCount,
  cancelledCount: versions.cancelledCount,
  durationMsSum: versions.durationMsSum,
  costNanoUsdSum: versions.costNanoUsdSum,
  pricedCount: versions.pricedCount,
  inputTokensSum: versions.inputTokensSum,
  outputTokensSum: versions.outputTokensSum,
};

/** A workflow's versions, newest first. */
export async function listVersions(ctx: Ctx, workflowId: string, request: PageRequest): Promise<Page<VersionView>> {
  const before = request.cursor === undefined ? undefined : lt(versions.number, Number(decodeCursor(request.cursor)));
  const rows = await select(ctx, and(eq(versions.workflowId, workflowId), before), request.limit + 1);
  return pageOf(rows, request, (row) => String(row.number), viewOf);
}

/** One version by its id. Throws `version_not_found`. */
export async function getVersion(ctx: Ctx, versionId: string): Promise<VersionView> {
  const [row] = await select(ctx, eq(versions.id, versionId), 1);
  if (!row) throw new DomainError("version_not_found", "There is no such version in this workspace.");
  return viewOf(row);
}

/** One version with its definition. Throws `version_not_found`. */
export async function getVersionDetail(
  ctx: Ctx,
  versionId: string,
): Promise<VersionView & { workflowData: Definition }> {
  const version = await getVersion(ctx, versionId);
  const [snapshot] = await ctx.db.orm
    .select({ encoding: snapshots.encoding, content: snapshots.content })
    .from(snapshots)
    .where(and(eq(snapshots.workspaceId, ctx.workspaceId), eq(snapshots.hash, version.contentHash)));
  if (!snapshot) throw new Error(`snapshot ${version.contentHash} of version ${versionId} is missing`);
  return { ...version, workflowData: await decodeSnapshot(snapshot) };
}

type Row = Awaited<ReturnType<typeof select>>[number];

function select(ctx: Ctx, condition: SQL | undefined, limit: number) {
  return ctx.db.orm
    .select(columns)
    .from(versions)
    .where(and(eq(versions.workspaceId, ctx.workspaceId), condition))
    .orderBy(desc(versions.number))
    .limit(limit);
}

function viewOf(row: Row): VersionView {
  const named = tagsSchema.parse(JSON.parse(row.tags)).toSorted((one, other) => other.movedAt - one.movedAt);
  return {
    id: row.id,
    workflowId: row.workflowId,
    version: row.number,
    commitMessage: row.message,
    createdBy: row.createdBy,
    createdByName: row.createdByName,
    createdAt: isoTime(row.createdAt),
    parentVersionId: row.parentVersionId,
    tag: named[0]?.tag ?? null,
    tags: named.map(({ tag }) => tag),
    splits: named
      .filter(({ weight, total }) => weight < total)
      .map(({ tag, weight, total }) => ({ tag, percent: Math.round((weight * 1_000) / total) / 10 })),
    kind: row.kind,
    contentHash: row.contentHash,
    ...statisticsOf(row),
  };
}

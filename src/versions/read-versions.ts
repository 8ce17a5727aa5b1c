import { and, desc, eq, lt, type SQL, sql } from "drizzle-orm";
import { isoTime } from "../core/clock.ts";
import { DomainError } from "../core/errors.ts";
import { decodeCursor, type Page, pageOf } from "../core/pagination.ts";
import type { Ctx } from "../db/context.ts";
import type { Definition } from "../definitions/index.ts";
import type { VersionQuery, VersionView } from "./inputs.ts";
import { statisticsOf } from "./rules/statistics.ts";
import { snapshots, versions } from "./schema.ts";
import { readSnapshot } from "./snapshots.ts";
import { tagsSchema } from "./tags-of-version.ts";

/**
 * Columns of the outer table by name: in a query of one table drizzle leaves the table out, and the inner one would be
 * meant. The index is named, because SQLite takes the primary key otherwise and reads all tags of the workspace.
 */
const TAGS = sql<string>`(SELECT json_group_array(json_object('tag', t.tag, 'movedAt', t.moved_at, 'weight', t.weight,
    'total', (SELECT sum(o.weight) FROM version_tags o WHERE o.workspace_id = t.workspace_id AND o.workflow_id = t.workflow_id AND o.tag = t.tag)))
  FROM version_tags t INDEXED BY version_tags_by_version WHERE t.workspace_id = versions.workspace_id AND t.version_id = versions.id)`;

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
  createdByName: sql<
    string | null
  >`coalesce((SELECT u.name FROM users u WHERE u.id = versions.created_by), versions.author_name)`.as("author_name"),
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

const NUMBER_KEY = /^[1-9]\d{0,14}$/;

/** Written out, because only a condition without a parameter finds the index of just these rows. */
const KINDS = { committed: sql`kind <> 'auto'`, auto: sql`kind = 'auto'` };

/** A workflow's versions, newest first. Throws `invalid_fields` for a cursor that is none of this list. */
export async function listVersions(ctx: Ctx, workflowId: string, query: VersionQuery): Promise<Page<VersionView>> {
  const { cursor, kind, tagged } = query;
  const condition = and(
    // Tags lead to their versions; asked for the workflow as well, SQLite walks its whole history for a handful.
    tagged
      ? sql`versions.id IN (SELECT t.version_id FROM version_tags t
          WHERE t.workspace_id = ${ctx.workspaceId} AND t.workflow_id = ${workflowId})`
      : eq(versions.workflowId, workflowId),
    cursor === undefined ? undefined : lt(versions.number, Number(decodeCursor(cursor, NUMBER_KEY))),
    kind && KINDS[kind],
  );
  const rows = await select(ctx, condition, query.limit + 1);
  return pageOf(rows, query, (row) => String(row.number), viewOf);
}

/** One version by its id. Throws `version_not_found`. */
export async function getVersion(ctx: Ctx, versionId: string): Promise<VersionView> {
  const [row] = await select(ctx, eq(versions.id, versionId), 1);
  if (!row) throw notFound();
  return viewOf(row);
}

/**
 * One version with its definition, read together: an automatic version that is amended between two reads would have
 * lost the definition that the first one named. Throws `version_not_found`.
 */
export async function getVersionDetail(
  ctx: Ctx,
  versionId: string,
): Promise<VersionView & { workflowData: Definition }> {
  const [row] = await ctx.db.orm
    .select({ ...columns, encoding: snapshots.encoding, content: snapshots.content })
    .from(versions)
    .innerJoin(
      snapshots,
      and(eq(snapshots.workspaceId, versions.workspaceId), eq(snapshots.hash, versions.contentHash)),
    )
    .where(and(eq(versions.workspaceId, ctx.workspaceId), eq(versions.id, versionId)));
  if (!row) throw notFound();
  return { ...viewOf(row), workflowData: (await readSnapshot(row)).definition };
}

function notFound(): DomainError {
  return new DomainError("version_not_found", "There is no such version in this workspace.");
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

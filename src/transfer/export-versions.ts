import { z } from "zod";
import { isoTime } from "../core/clock.ts";
import type { Ctx } from "../db/context.ts";
import { readSnapshot } from "../versions/index.ts";
import type { VersionRecord } from "./bundle.ts";

const listedSchema = z.object({ workflow_id: z.string(), id: z.string(), bytes: z.number(), total: z.number() });

/** A version, how much of it is stored, and how many its workflow has. */
export interface ListedVersion {
  id: string;
  workflowId: string;
  bytes: number;
  total: number;
}

/** The newest versions of each workflow, at most `most` of each: in the order asked for, newest first. */
export async function listForExport(ctx: Ctx, workflowIds: readonly string[], most: number): Promise<ListedVersion[]> {
  const { results } = await ctx.db.d1
    .prepare(
      `WITH listed AS (
         SELECT asked.key AS place, v.workflow_id, v.id, v.content_hash,
           row_number() OVER (PARTITION BY asked.key ORDER BY v.number DESC) AS nth, count(*) OVER (PARTITION BY asked.key) AS total
         FROM json_each(?2) AS asked
         JOIN versions v INDEXED BY versions_by_number ON v.workspace_id = ?1 AND v.workflow_id = asked.value)
       SELECT workflow_id, id, total,
         coalesce((SELECT length(content) FROM snapshots s WHERE s.workspace_id = ?1 AND s.hash = content_hash), 0) AS bytes
       FROM listed WHERE nth <= ?3 ORDER BY place, nth`,
    )
    .bind(ctx.workspaceId, JSON.stringify(workflowIds), most)
    .run();
  return z
    .array(listedSchema)
    .parse(results)
    .map(({ workflow_id: workflowId, ...row }) => ({ workflowId, ...row }));
}

const rowSchema = z.object({
  id: z.string(),
  number: z.number(),
  message: z.string(),
  kind: z.string(),
  created_at: z.number(),
  author: z.string().nullable(),
  parent: z.number().nullable(),
  tags: z.string(),
  encoding: z.enum(["json", "gzip"]),
  content: z.string(),
});

const tagsSchema = z.array(z.object({ tag: z.string(), weight: z.number(), shared: z.number() }));

/** A version as it is stored: its definition is decoded when its turn comes. */
export interface StoredVersion {
  read(): Promise<VersionRecord>;
}

/** These versions by their ids. */
export async function readVersions(ctx: Ctx, versionIds: readonly string[]): Promise<Map<string, StoredVersion>> {
  const { results } = await ctx.db.d1
    .prepare(
      `SELECT v.id, v.number, v.message, v.kind, v.created_at, s.encoding, s.content,
         coalesce((SELECT u.name FROM users u WHERE u.id = v.created_by), v.author_name) AS author,
         (SELECT p.number FROM versions p WHERE p.workspace_id = v.workspace_id AND p.id = v.parent_version_id) AS parent,
         (SELECT json_group_array(json_object('tag', t.tag, 'weight', t.weight, 'shared', (SELECT count(*) > 1 FROM version_tags o
            WHERE o.workspace_id = t.workspace_id AND o.workflow_id = t.workflow_id AND o.tag = t.tag)) ORDER BY t.moved_at DESC, t.tag)
          FROM version_tags t INDEXED BY version_tags_by_version
          WHERE t.workspace_id = v.workspace_id AND t.version_id = v.id) AS tags
       FROM versions v JOIN snapshots s ON s.workspace_id = v.workspace_id AND s.hash = v.content_hash
       WHERE v.workspace_id = ?1 AND v.id IN (SELECT value FROM json_each(?2))`,
    )
    .bind(ctx.workspaceId, JSON.stringify(versionIds))
    .run();
  return new Map(
    z
      .array(rowSchema)
      .parse(results)
      .map((row) => [row.id, { read: () => recordOf(row) }]),
  );
}

async function recordOf(row: z.infer<typeof rowSchema>): Promise<VersionRecord> {
  const tags = tagsSchema.parse(JSON.parse(row.tags));
  const shared = tags.filter((tag) => tag.shared === 1);
  return {
    version: row.number,
    commitMessage: row.message,
    kind: row.kind,
    tags: tags.map(({ tag }) => tag),
    tagWeights:
      shared.length === 0 ? undefined : Object.fromEntries(shared.map(({ tag, weight }) => [tag, weight] as const)),
    createdAt: isoTime(row.created_at),
    createdByName: row.author,
    parentVersion: row.parent,
    definition: (await readSnapshot(row)).definition,
  };
}

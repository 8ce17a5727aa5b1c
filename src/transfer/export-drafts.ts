import { z } from "zod";
import type { Ctx } from "../db/context.ts";
import type { Definition } from "../definitions/index.ts";
import { type Loss, readSnapshot } from "../versions/index.ts";

/** A workflow with its draft, still as it is stored: many of these are held at once. */
export interface StoredDraft {
  id: string;
  name: string;
  description: string | null;
  head: { version: number; contentHash: string } | null;
  /** Decodes the draft, without what today's schema does not take of it. */
  read(): Promise<{ definition: Definition; losses: Loss[] }>;
}

const rowSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  encoding: z.enum(["json", "gzip"]),
  content: z.string(),
  head_number: z.number().nullable(),
  head_hash: z.string().nullable(),
});

/** The workflows of the workspace that these ids name, in their order. One that is gone is left out. */
export async function readDrafts(ctx: Ctx, workflowIds: readonly string[]): Promise<StoredDraft[]> {
  const { results } = await ctx.db.d1
    .prepare(
      `SELECT w.id, w.name, w.description, s.encoding, s.content, head.number AS head_number, head.content_hash AS head_hash
       FROM json_each(?2) AS asked
       JOIN workflows w ON w.workspace_id = ?1 AND w.id = asked.value
       JOIN snapshots s ON s.workspace_id = w.workspace_id AND s.hash = w.draft_hash
       LEFT JOIN versions head ON head.workspace_id = w.workspace_id AND head.workflow_id = w.id
         AND head.number = (SELECT max(number) FROM versions v WHERE v.workspace_id = w.workspace_id AND v.workflow_id = w.id)
       ORDER BY asked.key`,
    )
    .bind(ctx.workspaceId, JSON.stringify(workflowIds))
    .run();
  return z
    .array(rowSchema)
    .parse(results)
    .map(({ id, name, description, encoding, content, head_number: version, head_hash: contentHash }) => ({
      id,
      name,
      description,
      head: version === null || contentHash === null ? null : { version, contentHash },
      read: () => readSnapshot({ encoding, content }),
    }));
}

const sizeSchema = z.object({ id: z.string(), bytes: z.number() });
export type WorkflowSize = z.infer<typeof sizeSchema>;

/**
 * How much of each workflow is read at once, in characters as stored: its draft and what its schedules and webhooks are
 * given. All of the workspace's in the order of their making, or those that are asked for in that order. At most `limit`.
 */
export async function readSizes(
  ctx: Ctx,
  workflowIds: readonly string[] | null,
  limit: number,
): Promise<WorkflowSize[]> {
  const from =
    workflowIds === null
      ? "workflows w WHERE w.workspace_id = ?1 ORDER BY w.id"
      : "json_each(?2) AS asked JOIN workflows w ON w.workspace_id = ?1 AND w.id = asked.value ORDER BY asked.key";
  const { results } = await ctx.db.d1
    .prepare(
      `SELECT w.id,
         coalesce((SELECT length(content) FROM snapshots s WHERE s.workspace_id = w.workspace_id AND s.hash = w.draft_hash), 0)
         + coalesce((SELECT sum(length(input)) FROM schedules c WHERE c.workspace_id = w.workspace_id AND c.workflow_id = w.id), 0)
         + coalesce((SELECT sum(length(payload_transformer) + length(ip_whitelist)) FROM webhooks h
             WHERE h.workspace_id = w.workspace_id AND h.workflow_id = w.id), 0) AS bytes
       FROM ${from} LIMIT ?3`,
    )
    .bind(ctx.workspaceId, JSON.stringify(workflowIds ?? []), limit)
    .run();
  return z.array(sizeSchema).parse(results);
}

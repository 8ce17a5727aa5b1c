import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { retryTransient } from "../db/transient.ts";
import type { VersionView } from "./inputs.ts";
import { getVersion } from "./read-versions.ts";
import { moveTagToHead } from "./tag-version.ts";

interface Commit {
  workflowId: string;
  commitMessage: string;
  tag?: string | undefined;
}

/**
 * Commits a workflow's draft. An automatic head that holds the draft already becomes a manual version with the
 * message; any other head that does is answered as `unchanged`; else a new version follows the head. The number and
 * the content are read in SQL, inside the batch: two commits at once get consecutive numbers, or the second is
 * unchanged. A tag is moved to the version either way. Throws `workflow_not_found`.
 */
export async function commitVersion(ctx: Ctx, commit: Commit): Promise<{ version: VersionView; unchanged: boolean }> {
  const { workspaceId } = ctx;
  const { workflowId } = commit;
  const now = ctx.clock.now();
  const statements = [
    ctx.db.d1
      .prepare(
        `UPDATE snapshots SET touched_at = ?3 WHERE workspace_id = ?1
           AND hash = (SELECT draft_hash FROM workflows WHERE workspace_id = ?1 AND id = ?2)`,
      )
      .bind(workspaceId, workflowId, now),
    ctx.db.d1
      .prepare(
        `UPDATE versions SET kind = 'manual', message = ?3, created_by = ?4, created_at = ?5
         WHERE workspace_id = ?1 AND workflow_id = ?2 AND kind = 'auto'
           AND number = (SELECT max(number) FROM versions WHERE workspace_id = ?1 AND workflow_id = ?2)
           AND content_hash = (SELECT draft_hash FROM workflows WHERE workspace_id = ?1 AND id = ?2)
         RETURNING id`,
      )
      .bind(workspaceId, workflowId, commit.commitMessage, ctx.userId, now),
    ctx.db.d1
      .prepare(
        `INSERT INTO versions (workspace_id, id, workflow_id, number, kind, message, content_hash, parent_version_id, created_by, created_at)
         SELECT w.workspace_id, ?3, w.id, coalesce(head.number, 0) + 1, 'manual', ?4, w.draft_hash, head.id, ?5, ?6
         FROM workflows w
         LEFT JOIN versions head ON head.workspace_id = w.workspace_id AND head.workflow_id = w.id
           AND head.number = (SELECT max(number) FROM versions WHERE workspace_id = ?1 AND workflow_id = ?2)
         WHERE w.workspace_id = ?1 AND w.id = ?2 AND head.content_hash IS NOT w.draft_hash
         RETURNING id`,
      )
      .bind(workspaceId, workflowId, ctx.ids.next(), commit.commitMessage, ctx.userId, now),
    ...(commit.tag === undefined ? [] : moveTagToHead(ctx, workflowId, commit.tag, now)),
    ctx.db.d1
      .prepare(
        `SELECT id FROM versions WHERE workspace_id = ?1 AND workflow_id = ?2
         ORDER BY number DESC LIMIT 1`,
      )
      .bind(workspaceId, workflowId),
  ];
  const results = await retryTransient(() => ctx.db.d1.batch<{ id: string }>(statements));
  const head = results.at(-1)?.results[0]?.id;
  if (head === undefined) throw new DomainError("workflow_not_found", "There is no such workflow in this workspace.");
  const committed = [results[1], results[2]].some((result) => result?.results.length === 1);
  return { version: await getVersion(ctx, head), unchanged: !committed };
}

import { z } from "zod";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { retryTransient } from "../db/transient.ts";
import { asDraftConflict, expectRevision } from "./expect-revision.ts";
import type { VersionView } from "./inputs.ts";
import { getVersion } from "./read-versions.ts";
import { asTagFault, moveTagToHead } from "./tag-version.ts";

const headSchema = z.object({ id: z.string(), made: z.number(), mine: z.number() });

interface Commit {
  workflowId: string;
  commitMessage: string;
  tag?: string | undefined;
  /** The revision of the draft that the caller has seen. Left out: whatever the draft holds is committed. */
  expectedRevision?: number | undefined;
}

/**
 * Commits a workflow's draft. An automatic head that holds the draft already becomes a manual version with the
 * message (and keeps its time if it was executed: it would else be younger than its own executions); any other head
 * that does is answered as `unchanged`; else a new version follows the head. The number and the content are read in
 * SQL, inside the batch: two commits at once get consecutive numbers, or the second is unchanged. A tag is moved to
 * the version either way.
 * Throws `workflow_not_found`, `too_many_tags`, and `draft_conflict` when somebody saved since the caller looked.
 */
export async function commitVersion(ctx: Ctx, commit: Commit): Promise<{ version: VersionView; unchanged: boolean }> {
  const { workspaceId } = ctx;
  const { workflowId } = commit;
  const now = ctx.clock.now();
  const versionId = ctx.ids.next();
  const takeOver = ctx.db.d1
    .prepare(
      `UPDATE versions SET kind = 'manual', message = ?3, created_by = ?4,
         created_at = CASE WHEN executed = 1 THEN created_at ELSE ?5 END
       WHERE workspace_id = ?1 AND workflow_id = ?2 AND kind = 'auto'
         AND number = (SELECT max(number) FROM versions WHERE workspace_id = ?1 AND workflow_id = ?2)
         AND content_hash = (SELECT draft_hash FROM workflows WHERE workspace_id = ?1 AND id = ?2)
       RETURNING id`,
    )
    .bind(workspaceId, workflowId, commit.commitMessage, ctx.userId, now);
  const statements = [
    ...expectRevision(ctx, { workflowId, expectedRevision: commit.expectedRevision, versionId }),
    ctx.db.d1
      .prepare(
        `UPDATE snapshots SET touched_at = ?3 WHERE workspace_id = ?1
           AND hash = (SELECT draft_hash FROM workflows WHERE workspace_id = ?1 AND id = ?2)`,
      )
      .bind(workspaceId, workflowId, now),
    takeOver,
    ctx.db.d1
      .prepare(
        `INSERT INTO versions (workspace_id, id, workflow_id, number, kind, message, content_hash, parent_version_id, created_by, created_at)
         SELECT w.workspace_id, ?3, w.id, coalesce(head.number, 0) + 1, 'manual', ?4, w.draft_hash, head.id, ?5, ?6
         FROM workflows w
         LEFT JOIN versions head ON head.workspace_id = w.workspace_id AND head.workflow_id = w.id
           AND head.number = (SELECT max(number) FROM versions WHERE workspace_id = ?1 AND workflow_id = ?2)
         WHERE w.workspace_id = ?1 AND w.id = ?2 AND head.content_hash IS NOT w.draft_hash`,
      )
      .bind(workspaceId, workflowId, versionId, commit.commitMessage, ctx.userId, now),
    ...(commit.tag === undefined ? [] : moveTagToHead(ctx, workflowId, commit.tag)),
    ctx.db.d1
      .prepare(
        `SELECT id, id = ?3 AS made, kind = 'manual' AND message = ?4 AND created_by IS ?5 AND (executed = 1 OR created_at = ?6) AS mine
         FROM versions WHERE workspace_id = ?1 AND workflow_id = ?2 ORDER BY number DESC LIMIT 1`,
      )
      .bind(workspaceId, workflowId, versionId, commit.commitMessage, ctx.userId, now),
  ];
  let sent = 0;
  const send = () => {
    sent += 1;
    return ctx.db.d1.batch(statements);
  };
  const results = await retryTransient(send).catch((error: unknown) => {
    throw asTagFault(asDraftConflict(error));
  });
  const [head] = z.array(headSchema).parse(results.at(-1)?.results);
  if (!head) throw new DomainError("workflow_not_found", "There is no such workflow in this workspace.");
  const took = results[statements.indexOf(takeOver)]?.results.length === 1;
  // What took effect before the connection was lost does nothing when it is sent again: then the head itself tells.
  const committed = took || head.made === 1 || (sent > 1 && head.mine === 1);
  return { version: await getVersion(ctx, head.id), unchanged: !committed };
}

import type { Ctx } from "../db/context.ts";
import { encodeSnapshot, expectRevision, saveSnapshot } from "../versions/index.ts";
import type { Existing } from "./import-plan.ts";
import type { Note } from "./import-results.ts";
import type { ImportBundle } from "./import-schema.ts";

const KEPT_MESSAGE = "Kept before an import";
const MESSAGE = "Imported over this workflow";

/**
 * The statements that put a bundle's state in the place of an existing draft: the state until now becomes a version,
 * and the imported one the next. Id, history, schedules and webhooks stay, and the description where the file has none. The first statement fails (CHECK
 * `revision_is_current`) when somebody saved since `existing` was read. They may be sent again.
 */
export async function overwriteWorkflow(
  ctx: Ctx,
  bundle: ImportBundle,
  existing: Existing,
): Promise<D1PreparedStatement[]> {
  const { d1 } = ctx.db;
  const { workspaceId } = ctx;
  const { nodes, edges, settings, description } = bundle.workflow;
  const snapshot = await encodeSnapshot({ nodes, edges, agents: bundle.agents, settings });
  const now = ctx.clock.now();
  const versionId = ctx.ids.next();
  const newest = "(SELECT max(number) FROM versions WHERE workspace_id = ?1 AND workflow_id = ?2)";
  return [
    ...expectRevision(ctx, { workflowId: existing.id, expectedRevision: existing.revision, versionId }),
    d1
      .prepare("UPDATE snapshots SET touched_at = ?3 WHERE workspace_id = ?1 AND hash = ?2")
      .bind(workspaceId, existing.draftHash, now),
    saveSnapshot(ctx.db, workspaceId, snapshot, now),
    // An automatic version would be pruned one day, and with it what the import replaced.
    d1
      .prepare(
        `UPDATE versions SET kind = 'import', message = ?4 WHERE workspace_id = ?1 AND workflow_id = ?2
           AND kind = 'auto' AND content_hash = ?3 AND content_hash <> ?5 AND number = ${newest}`,
      )
      .bind(workspaceId, existing.id, existing.draftHash, KEPT_MESSAGE, snapshot.hash),
    d1
      .prepare(
        `INSERT INTO versions (workspace_id, id, workflow_id, number, kind, message, content_hash, parent_version_id, created_by, created_at)
         SELECT w.workspace_id, ?3, w.id, coalesce(head.number, 0) + 1, 'import', ?4, w.draft_hash, head.id, ?5, ?6
         FROM workflows w LEFT JOIN versions head
           ON head.workspace_id = w.workspace_id AND head.workflow_id = w.id AND head.number = ${newest}
         WHERE w.workspace_id = ?1 AND w.id = ?2 AND head.content_hash IS NOT w.draft_hash AND w.draft_hash <> ?7`,
      )
      .bind(workspaceId, existing.id, ctx.ids.next(), KEPT_MESSAGE, ctx.userId, now, snapshot.hash),
    d1
      .prepare(
        `INSERT INTO versions (workspace_id, id, workflow_id, number, kind, message, content_hash, parent_version_id, created_by, created_at)
         SELECT w.workspace_id, ?3, w.id, coalesce(head.number, 0) + 1, 'import', ?4, ?5, head.id, ?6, ?7
         FROM workflows w LEFT JOIN versions head
           ON head.workspace_id = w.workspace_id AND head.workflow_id = w.id AND head.number = ${newest}
         WHERE w.workspace_id = ?1 AND w.id = ?2 AND head.content_hash IS NOT ?5`,
      )
      .bind(workspaceId, existing.id, versionId, MESSAGE, snapshot.hash, ctx.userId, now),
    d1
      .prepare(
        `UPDATE workflows SET draft_hash = ?3, description = coalesce(?4, description), revision = revision + 1, updated_at = ?5
         WHERE workspace_id = ?1 AND id = ?2 AND (draft_hash <> ?3 OR description IS NOT coalesce(?4, description))`,
      )
      .bind(workspaceId, existing.id, snapshot.hash, description, now),
  ];
}

/** What of a bundle an overwrite leaves out, because the workflow keeps its own, and what no version holds of what it replaces. */
export function overwriteNotes(bundle: ImportBundle, existing: Existing): Note[] {
  const { description } = bundle.workflow;
  const before = existing.description;
  if (description === null || before === null || before === description) return leftOut(bundle);
  return [{ path: "workflow.description", message: `replaces the one until now: ${before}` }, ...leftOut(bundle)];
}

function leftOut(bundle: ImportBundle): Note[] {
  const parts = {
    versions: "history",
    executions: "executions",
    schedules: "schedules",
    webhooks: "webhooks",
  } as const;
  return (["versions", "executions", "schedules", "webhooks"] as const)
    .filter((part) => bundle[part].length > 0)
    .map((part) => ({ path: part, message: `not imported: the workflow keeps its own ${parts[part]}` }));
}

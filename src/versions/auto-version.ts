import type { Db } from "../db/client.ts";

/**
 * How long one author's saves go into the same automatic version, from its first: counted from the last, a day of
 * saving every four minutes would leave nothing to go back to.
 */
const AMEND_WINDOW_MS = 5 * 60_000;

interface AutoVersion {
  workspaceId: string;
  workflowId: string;
  versionId: string;
  contentHash: string;
  message: string;
  createdBy: string | null;
  now: number;
}

/**
 * Statements that leave an automatic version of a saved draft, to be run in this order, the second after the draft was
 * replaced in the same batch. The newest version is amended when it is automatic, by the same author, less than five
 * minutes old, neither tagged nor pinned by a schedule or webhook (what runs by these must not change by a save) and never executed; otherwise a new one follows
 * it, unless the newest holds this very content already. Numbers are given in SQL, so that two saves at once cannot
 * share one. Nothing happens when the workflow is gone.
 */
export function leaveAutoVersion(
  db: Db,
  version: AutoVersion,
): [amend: D1PreparedStatement, follow: D1PreparedStatement] {
  const amend = db.d1
    .prepare(
      `UPDATE versions SET content_hash = ?3
       WHERE workspace_id = ?1 AND workflow_id = ?2
         AND number = (SELECT max(number) FROM versions WHERE workspace_id = ?1 AND workflow_id = ?2)
         AND kind = 'auto' AND executed = 0 AND created_by IS ?4 AND created_at > ?5 AND content_hash <> ?3
         AND NOT EXISTS (SELECT 1 FROM version_tags t WHERE t.workspace_id = ?1 AND t.version_id = versions.id)
         AND NOT EXISTS (SELECT 1 FROM schedules s WHERE s.workspace_id = ?1 AND s.pinned_version_id = versions.id)
         AND NOT EXISTS (SELECT 1 FROM webhooks h WHERE h.workspace_id = ?1 AND h.pinned_version_id = versions.id)`,
    )
    .bind(
      version.workspaceId,
      version.workflowId,
      version.contentHash,
      version.createdBy,
      version.now - AMEND_WINDOW_MS,
    );
  return [amend, ensureVersionOfDraft(db, version)];
}

/**
 * A statement that makes the draft a workflow was created with its first version, to be run before a save replaces
 * that draft: nothing points at it, and its content would be lost. Nothing happens when there is a version, or when the
 * same author saves within five minutes of creating it, which is still the making of the first version.
 */
export function keepFirstDraft(db: Db, next: AutoVersion): D1PreparedStatement {
  return db.d1
    .prepare(
      `INSERT INTO versions (workspace_id, id, workflow_id, number, kind, message, content_hash, parent_version_id, created_by, created_at)
       SELECT w.workspace_id, ?3, w.id, 1, 'auto', ?5, w.draft_hash, NULL, w.created_by, w.updated_at
       FROM workflows w
       WHERE w.workspace_id = ?1 AND w.id = ?2 AND w.draft_hash <> ?4
         AND (w.created_by IS NOT ?6 OR w.updated_at <= ?7)
         AND NOT EXISTS (SELECT 1 FROM versions v WHERE v.workspace_id = ?1 AND v.workflow_id = ?2)`,
    )
    .bind(
      next.workspaceId,
      next.workflowId,
      next.versionId,
      next.contentHash,
      next.message,
      next.createdBy,
      next.now - AMEND_WINDOW_MS,
    );
}

/**
 * A statement that makes an automatic version of the draft, unless the newest version holds this content already. Nothing
 * happens when the draft has other content by now: an older state must not follow a newer one as the newest version.
 */
export function ensureVersionOfDraft(db: Db, version: AutoVersion): D1PreparedStatement {
  return db.d1
    .prepare(
      `INSERT INTO versions (workspace_id, id, workflow_id, number, kind, message, content_hash, parent_version_id, created_by, created_at)
       SELECT w.workspace_id, ?3, w.id, coalesce(head.number, 0) + 1, 'auto', ?5, ?4, head.id, ?6, ?7
       FROM workflows w
       LEFT JOIN versions head ON head.workspace_id = w.workspace_id AND head.workflow_id = w.id
         AND head.number = (SELECT max(number) FROM versions WHERE workspace_id = ?1 AND workflow_id = ?2)
       WHERE w.workspace_id = ?1 AND w.id = ?2 AND w.draft_hash = ?4 AND head.content_hash IS NOT ?4`,
    )
    .bind(
      version.workspaceId,
      version.workflowId,
      version.versionId,
      version.contentHash,
      version.message,
      version.createdBy,
      version.now,
    );
}

/** A draft that is to be executed and is in no version yet. */
export interface UncommittedDraft {
  workspaceId: string;
  workflowId: string;
  versionId: string;
  contentHash: string;
}

/** {@link ensureVersionOfDraft} for many workflows at once, whatever their workspaces. */
export function ensureVersionsOfDrafts(
  db: Db,
  drafts: readonly UncommittedDraft[],
  message: string,
  now: number,
): D1PreparedStatement {
  return db.d1
    .prepare(
      `INSERT INTO versions (workspace_id, id, workflow_id, number, kind, message, content_hash, parent_version_id, created_by, created_at)
       SELECT w.workspace_id, draft.value ->> 'versionId', w.id, coalesce(head.number, 0) + 1, 'auto', ?2, w.draft_hash, head.id, NULL, ?3
       FROM json_each(?1) AS draft
       CROSS JOIN workflows w ON w.workspace_id = draft.value ->> 'workspaceId' AND w.id = draft.value ->> 'workflowId'
         AND w.draft_hash = draft.value ->> 'contentHash'
       LEFT JOIN versions head ON head.workspace_id = w.workspace_id AND head.workflow_id = w.id
         AND head.number = (SELECT max(number) FROM versions v WHERE v.workspace_id = w.workspace_id AND v.workflow_id = w.id)
       WHERE head.content_hash IS NOT w.draft_hash`,
    )
    .bind(JSON.stringify(drafts), message, now);
}

import type { Db } from "../db/client.ts";
import { DEFAULT_AUTO_VERSION_DAYS, DEFAULT_AUTO_VERSIONS_KEPT } from "./retention.ts";

const DAY_MS = 86_400_000;
const UNTOUCHED_MS = 3_600_000;

/**
 * Removes, in all workspaces, automatic versions that are old, untagged, never executed, not the newest of their
 * workflow, and beyond the number that their workspace keeps; then definitions that nothing points at any more. Each
 * is one statement, so that nothing can begin to need what it removes, and takes `limit` rows at most.
 */
export async function pruneVersions(db: Db, now: number, limit: number): Promise<void> {
  await db.d1.batch([
    db.d1
      .prepare(
        `DELETE FROM versions WHERE (workspace_id, id) IN (
           SELECT v.workspace_id, v.id FROM versions v
           LEFT JOIN retention_settings r ON r.workspace_id = v.workspace_id
           WHERE v.kind = 'auto' AND v.executed = 0 AND v.created_at < ?1 - ?2
             AND v.created_at < ?1 - coalesce(r.auto_version_days, ?3) * ?2
             AND NOT EXISTS (SELECT 1 FROM version_tags t WHERE t.workspace_id = v.workspace_id AND t.version_id = v.id)
             AND (SELECT count(*) FROM versions n WHERE n.workspace_id = v.workspace_id AND n.workflow_id = v.workflow_id
               AND n.number > v.number AND n.kind = 'auto') >= coalesce(r.auto_versions_kept, ?4)
             AND EXISTS (SELECT 1 FROM versions n WHERE n.workspace_id = v.workspace_id AND n.workflow_id = v.workflow_id
               AND n.number > v.number)
           LIMIT ?5)`,
      )
      .bind(now, DAY_MS, DEFAULT_AUTO_VERSION_DAYS, DEFAULT_AUTO_VERSIONS_KEPT, limit),
    db.d1
      .prepare(
        `DELETE FROM snapshots WHERE (workspace_id, hash) IN (
           SELECT s.workspace_id, s.hash FROM snapshots s
           WHERE s.touched_at < ?1
             AND NOT EXISTS (SELECT 1 FROM versions v WHERE v.workspace_id = s.workspace_id AND v.content_hash = s.hash)
             AND NOT EXISTS (SELECT 1 FROM workflows w WHERE w.workspace_id = s.workspace_id AND w.draft_hash = s.hash)
           LIMIT ?2)`,
      )
      .bind(now - UNTOUCHED_MS, limit),
  ]);
}

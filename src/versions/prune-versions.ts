import type { Db } from "../db/client.ts";
import { DEFAULT_AUTO_VERSION_DAYS, DEFAULT_AUTO_VERSIONS_KEPT } from "./retention.ts";

const DAY_MS = 86_400_000;
const UNTOUCHED_MS = 3_600_000;

/**
 * Removes, in all workspaces, automatic versions that are old, untagged, not pinned by a schedule or webhook, never executed, not the newest of their
 * workflow, and beyond the number that their workspace keeps; then definitions that nothing points at any more. Each
 * is one statement, so that nothing can begin to need what it removes, and takes `limit` rows at most. One that fails
 * does not keep the other from running; an `AggregateError` then holds what failed.
 */
export async function pruneVersions(db: Db, now: number, limit: number): Promise<void> {
  const failures: unknown[] = [];
  for (const removal of [oldVersions(db, now, limit), unusedSnapshots(db, now, limit)]) {
    try {
      await removal.run();
    } catch (failure) {
      failures.push(failure);
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `old versions were not all removed: ${failures.join("; ")}`);
}

/**
 * A workflow's automatic versions are ranked once: counting the newer ones of each reads the square of their number.
 * The oldest go first, so that no workspace that leaves more than `limit` behind keeps others from their turn.
 */
function oldVersions(db: Db, now: number, limit: number): D1PreparedStatement {
  return db.d1
    .prepare(
      `WITH aged AS (
         SELECT DISTINCT v.workspace_id, v.workflow_id, coalesce(r.auto_versions_kept, ?4) AS kept,
           ?1 - coalesce(r.auto_version_days, ?3) * ?2 AS kept_since
         FROM versions v LEFT JOIN retention_settings r ON r.workspace_id = v.workspace_id
         WHERE v.kind = 'auto' AND v.executed = 0 AND v.created_at < ?1 - ?2
           AND v.created_at < ?1 - coalesce(r.auto_version_days, ?3) * ?2
       ), ranked AS (
         SELECT v.workspace_id, v.workflow_id, v.id, v.number, v.executed, v.created_at, a.kept, a.kept_since,
           row_number() OVER (PARTITION BY v.workspace_id, v.workflow_id ORDER BY v.number DESC) AS nth
         FROM aged a CROSS JOIN versions v INDEXED BY versions_automatic
         WHERE v.workspace_id = a.workspace_id AND v.workflow_id = a.workflow_id AND v.kind = 'auto'
       )
       DELETE FROM versions WHERE (workspace_id, id) IN (
         SELECT v.workspace_id, v.id FROM ranked v
         WHERE v.nth > v.kept AND v.executed = 0 AND v.created_at < v.kept_since
           AND NOT EXISTS (SELECT 1 FROM version_tags t WHERE t.workspace_id = v.workspace_id AND t.version_id = v.id)
           AND NOT EXISTS (SELECT 1 FROM schedules s WHERE s.workspace_id = v.workspace_id AND s.pinned_version_id = v.id)
           AND NOT EXISTS (SELECT 1 FROM webhooks h WHERE h.workspace_id = v.workspace_id AND h.pinned_version_id = v.id)
           AND EXISTS (SELECT 1 FROM versions n WHERE n.workspace_id = v.workspace_id AND n.workflow_id = v.workflow_id
             AND n.number > v.number)
         ORDER BY v.created_at LIMIT ?5)`,
    )
    .bind(now, DAY_MS, DEFAULT_AUTO_VERSION_DAYS, DEFAULT_AUTO_VERSIONS_KEPT, limit);
}

function unusedSnapshots(db: Db, now: number, limit: number): D1PreparedStatement {
  return db.d1
    .prepare(
      `DELETE FROM snapshots WHERE (workspace_id, hash) IN (
         SELECT s.workspace_id, s.hash FROM snapshots s
         WHERE s.touched_at < ?1
           AND NOT EXISTS (SELECT 1 FROM versions v WHERE v.workspace_id = s.workspace_id AND v.content_hash = s.hash)
           AND NOT EXISTS (SELECT 1 FROM workflows w WHERE w.workspace_id = s.workspace_id AND w.draft_hash = s.hash)
         LIMIT ?2)`,
    )
    .bind(now - UNTOUCHED_MS, limit);
}

import type { Db } from "../db/client.ts";

/** Long enough to be read, short enough that the table does not grow for ever. */
const KEPT_DAYS = 400;
const DAY_MS = 86_400_000;

/** Removes events older than 400 days, of all workspaces: at most `limit` at once, the oldest first. */
export async function pruneEvents(db: Db, now: number, limit: number): Promise<void> {
  await db.d1
    .prepare(
      `DELETE FROM events WHERE (workspace_id, id) IN
         (SELECT workspace_id, id FROM events INDEXED BY events_by_time WHERE at < ?1 ORDER BY at LIMIT ?2)`,
    )
    .bind(now - KEPT_DAYS * DAY_MS, limit)
    .run();
}

import { DomainError } from "../core/errors.ts";
import type { Db } from "../db/client.ts";
import { violatesCheck } from "../db/transient.ts";

/** A schedule, in its workspace. */
export interface ScheduleKey {
  workspaceId: string;
  scheduleId: string;
}

/** A drizzle query as a statement for a batch with others that are written by hand. */
export function statementOf(db: Db, query: { toSQL(): { sql: string; params: unknown[] } }): D1PreparedStatement {
  const { sql, params } = query.toSQL();
  return db.d1.prepare(sql).bind(...params);
}

/** The statement that makes a batch fail in which a schedule closes a circle of workflows that start each other. */
export function refuseCircle(db: Db, { workspaceId, scheduleId }: ScheduleKey): D1PreparedStatement {
  return db.d1
    .prepare(
      `UPDATE schedules SET circle = 1 WHERE workspace_id = ?1 AND id = ?2 AND after_workflow_id IN (
         WITH RECURSIVE started (workflow_id) AS (
           SELECT workflow_id FROM schedules WHERE workspace_id = ?1 AND id = ?2
           UNION
           SELECT s.workflow_id FROM started JOIN schedules s INDEXED BY schedules_by_after
             ON s.workspace_id = ?1 AND s.after_workflow_id = started.workflow_id
         ) SELECT workflow_id FROM started)`,
    )
    .bind(workspaceId, scheduleId);
}

/** The error of a batch with {@link refuseCircle}, as a refusal where it is one. */
export function asCircle(error: unknown): unknown {
  if (!violatesCheck(error, "schedules_make_no_circle")) return error;
  const message = "the two workflows would start each other for ever";
  return new DomainError("schedule_invalid", `A workflow cannot run after one that runs after it: ${message}.`, {
    details: [{ path: "after.workflowId", message }],
    cause: error,
  });
}

/** The statement that gives up a schedule's runs that have not begun. */
export function skipPending(db: Db, { workspaceId, scheduleId }: ScheduleKey, note: string): D1PreparedStatement {
  return db.d1
    .prepare(
      `UPDATE schedule_runs SET status = 'skipped', note = ?3, due_at = NULL, open = NULL
       WHERE workspace_id = ?1 AND schedule_id = ?2 AND status = 'pending'`,
    )
    .bind(workspaceId, scheduleId, note);
}

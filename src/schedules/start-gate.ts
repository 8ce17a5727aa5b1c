import type { StartGate } from "../executions/index.ts";
import type { Tick } from "./tick.ts";

/** The run behind a start, by its key. */
const THE_RUN = `r.workspace_id = wanted.value ->> 'workspaceId' AND r.schedule_id = wanted.value ->> 'triggerId'
  AND r.scheduled_for = wanted.value ->> '$.claim.scheduledFor' AND r.attempt = wanted.value ->> '$.claim.attempt'
  AND r.status = 'pending'`;

/**
 * Lets a pending run through once: it is pending only until the batch that writes its execution. Where runs may not
 * overlap, none other may be open by then, whatever was read before.
 */
export function gateOf({ engine: { db }, now }: Tick): StartGate {
  const begun = `FROM json_each(?1) AS wanted
    CROSS JOIN executions e ON e.workspace_id = wanted.value ->> 'workspaceId' AND e.id = wanted.value ->> 'executionId'
    CROSS JOIN schedule_runs r ON ${THE_RUN}`;
  return {
    admits: `EXISTS (SELECT 1 FROM schedule_runs r WHERE ${THE_RUN} AND r.due_at IS NOT NULL
      AND (wanted.value ->> '$.claim.beside' = 1 OR NOT EXISTS (SELECT 1 FROM schedule_runs o
        WHERE o.workspace_id = r.workspace_id AND o.schedule_id = r.schedule_id AND o.open = 1)))`,
    after: (wanted) => [
      db.d1
        .prepare(
          `UPDATE schedules SET last_run_at = ?2, execution_count = execution_count + begun.times
           FROM (SELECT r.workspace_id, r.schedule_id, count(*) AS times ${begun}
             GROUP BY r.workspace_id, r.schedule_id) AS begun
           WHERE schedules.workspace_id = begun.workspace_id AND schedules.id = begun.schedule_id`,
        )
        .bind(wanted, now),
      db.d1
        .prepare(
          `UPDATE schedule_runs SET status = 'running', execution_id = begun.execution_id, due_at = NULL, open = 1
           FROM (SELECT r.workspace_id, r.schedule_id, r.scheduled_for, r.attempt, e.id AS execution_id ${begun}) AS begun
           WHERE schedule_runs.workspace_id = begun.workspace_id AND schedule_runs.schedule_id = begun.schedule_id
             AND schedule_runs.scheduled_for = begun.scheduled_for AND schedule_runs.attempt = begun.attempt`,
        )
        .bind(wanted),
    ],
  };
}

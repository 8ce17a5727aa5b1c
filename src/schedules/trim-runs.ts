import type { Engine } from "../executions/index.ts";
import type { ScheduleKey } from "./statements.ts";

/** Of each schedule. */
const RUNS_KEPT = 1_000;
/** Looking for the thousandth run reads a thousand rows, so a schedule is only looked at every so often. */
const TRIMMED_ONE_IN = 64;
const TRIMMED_AT_ONCE = 2_000;

/**
 * The statement that cuts the histories of these schedules to their newest thousand runs; none most of the time, since
 * each schedule is only looked at now and then, by chance. What has not ended stays.
 */
export function trimRuns(engine: Pick<Engine, "db" | "random">, keys: readonly ScheduleKey[]): D1PreparedStatement[] {
  const chosen = keys.filter(() => engine.random() < 1 / TRIMMED_ONE_IN);
  if (chosen.length === 0) return [];
  const statement = engine.db.d1
    .prepare(
      `DELETE FROM schedule_runs WHERE (workspace_id, schedule_id, scheduled_for, attempt) IN (
         SELECT r.workspace_id, r.schedule_id, r.scheduled_for, r.attempt
         FROM json_each(?1) AS chosen
         CROSS JOIN schedule_runs r ON r.workspace_id = chosen.value ->> 'workspaceId'
           AND r.schedule_id = chosen.value ->> 'scheduleId'
           AND r.scheduled_for < (SELECT n.scheduled_for FROM schedule_runs n
             WHERE n.workspace_id = chosen.value ->> 'workspaceId' AND n.schedule_id = chosen.value ->> 'scheduleId'
             ORDER BY n.scheduled_for DESC LIMIT 1 OFFSET ${RUNS_KEPT - 1})
         WHERE r.status NOT IN ('pending', 'running') AND r.open IS NULL AND r.settle_at IS NULL
         LIMIT ${TRIMMED_AT_ONCE})`,
    )
    .bind(JSON.stringify(chosen));
  return [statement];
}

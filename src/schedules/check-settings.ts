import { z } from "zod";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { compileExpression } from "../definitions/index.ts";
import { assertTimezone } from "./rules/timezone.ts";
import { assertFires, nextRunOf } from "./rules/timing.ts";
import { conditionColumn, type ScheduleSettings, timingOf } from "./settings.ts";

/** Settings that were found to make a schedule, and what follows from them. */
export interface CheckedSettings {
  settings: ScheduleSettings;
  pinnedVersionId: string | null;
  nextRunAt: number | null;
}

/**
 * Checks the settings of a workflow's schedule and computes its next run, strictly after `now`. Throws
 * `schedule_invalid` with the field that is wrong, `workflow_not_found` and `version_not_found`.
 */
export async function checkSettings(
  ctx: Ctx,
  workflowId: string,
  given: ScheduleSettings,
  now: number,
): Promise<CheckedSettings> {
  const { settings, next, conditionWorkflowId } = checkTiming(given, now);
  const pinnedVersionId = await findReferences(ctx, {
    workflowId,
    version: settings.version,
    others: [settings.afterWorkflowId, conditionWorkflowId].filter((id) => id !== null),
  });
  return { settings, pinnedVersionId, nextRunAt: settings.enabled === 1 ? next : null };
}

/** What can be checked without the database. `next` is when it fires next, `null` when it waits for another workflow. */
export function checkTiming(given: ScheduleSettings, now: number) {
  const { cronExpression, afterWorkflowId, startAt, endAt } = given;
  if ((cronExpression === null) === (afterWorkflowId === null)) {
    throw invalid("cronExpression", 'either a cron expression such as "0 9 * * *", or after another workflow');
  }
  if (startAt !== null && endAt !== null && endAt <= startAt) throw invalid("endAt", "lies not behind startAt");
  const condition = given.condition === null ? null : conditionColumn.parse(JSON.parse(given.condition));
  if (condition) {
    const compiled = compileExpression(condition.expression);
    if (!compiled.ok) throw invalid("condition.expression", compiled.message);
  }
  const settings = { ...given, timezone: assertTimezone(given.timezone) };
  // Of a disabled one too: it could never be resumed.
  if (cronExpression !== null) assertFires(timingOf(settings, cronExpression), now);
  const next = cronExpression === null ? null : nextRunOf(timingOf(settings, cronExpression), now);
  const over = cronExpression === null ? endAt !== null && endAt <= now : next === null;
  if (over && settings.enabled === 1) throw invalid("endAt", "leaves no run to come. Move it, or disable the schedule");
  return { settings, next, conditionWorkflowId: condition?.workflowId ?? null };
}

const foundSchema = z.object({ missing: z.string().nullable(), pinned: z.string().nullable(), tagged: z.number() });

interface References {
  workflowId: string;
  version: string | null;
  others: readonly string[];
}

/** The version that an id or a number names, `null` for a tag or the draft. Throws when anything is not there. */
async function findReferences(ctx: Ctx, { workflowId, version, others }: References): Promise<string | null> {
  const { results } = await ctx.db.d1
    .prepare(
      `SELECT
         (SELECT value FROM json_each(?3) AS wanted WHERE NOT EXISTS
           (SELECT 1 FROM workflows w WHERE w.workspace_id = ?1 AND w.id = wanted.value) LIMIT 1) AS missing,
         coalesce((SELECT v.id FROM versions v WHERE v.workspace_id = ?1 AND v.id = ?4 AND v.workflow_id = ?2),
           (SELECT v.id FROM versions v WHERE v.workspace_id = ?1 AND v.workflow_id = ?2 AND v.number = ?5)) AS pinned,
         EXISTS (SELECT 1 FROM version_tags t WHERE t.workspace_id = ?1 AND t.workflow_id = ?2 AND t.tag = ?4) AS tagged`,
    )
    .bind(ctx.workspaceId, workflowId, JSON.stringify([workflowId, ...others]), version, numberOf(version))
    .run();
  const [found] = z.array(foundSchema).parse(results);
  if (!found || found.missing !== null) {
    throw new DomainError("workflow_not_found", "There is no such workflow in this workspace.");
  }
  if (version !== null && found.pinned === null && found.tagged === 0) {
    throw new DomainError(
      "version_not_found",
      `This workflow has no version and no tag ${version}. GET its versions to see what there is.`,
    );
  }
  return found.pinned;
}

/** No id and no tag looks like a number. */
function numberOf(version: string | null): number | null {
  return version !== null && /^[1-9]\d{0,14}$/.test(version) ? Number(version) : null;
}

function invalid(path: string, message: string): DomainError {
  return new DomainError("schedule_invalid", `The schedule cannot be kept as it is: ${path}: ${message}.`, {
    details: [{ path, message }],
  });
}

import { z } from "zod";
import { isoTime, isoTimeOrNull } from "../core/clock.ts";
import { DomainError } from "../core/errors.ts";
import type { ScheduleChange, ScheduleView } from "./inputs.ts";
import { describe } from "./rules/describe.ts";
import { cronOf, type Timing, whereOf } from "./rules/timing.ts";
import type { schedules } from "./schema.ts";

export type ScheduleRow = typeof schedules.$inferSelect;

/** What a person sets of a schedule, as the table holds it. */
export type ScheduleSettings = Pick<
  ScheduleRow,
  | "cronExpression"
  | "timezone"
  | "enabled"
  | "input"
  | "version"
  | "dstGap"
  | "dstOverlap"
  | "overlap"
  | "catchUp"
  | "startAt"
  | "endAt"
  | "jitterSeconds"
  | "condition"
  | "afterWorkflowId"
  | "pauseAfterFailures"
  | "maxRetries"
  | "retryDelaySeconds"
>;

export const DEFAULT_SETTINGS: ScheduleSettings = {
  cronExpression: null,
  timezone: "UTC",
  enabled: 1,
  input: "null",
  version: null,
  dstGap: null,
  dstOverlap: null,
  overlap: "skip",
  catchUp: "once",
  startAt: null,
  endAt: null,
  jitterSeconds: 0,
  condition: null,
  afterWorkflowId: null,
  pauseAfterFailures: 10,
  maxRetries: 0,
  retryDelaySeconds: 60,
};

/** The settings after a change. What it leaves out stays; a cron expression takes the place of `after`, and the reverse. */
export function merged(before: ScheduleSettings, change: ScheduleChange): ScheduleSettings {
  const after = change.after === undefined ? undefined : (change.after?.workflowId ?? null);
  const time = (given: string | null | undefined, kept: number | null) =>
    given === undefined ? kept : given === null ? null : Date.parse(given);
  const { cronExpression: cron, condition, version } = change;
  return {
    cronExpression: cron === undefined ? (after ? null : before.cronExpression) : cron,
    afterWorkflowId: after === undefined ? (cron ? null : before.afterWorkflowId) : after,
    timezone: change.timezone ?? before.timezone,
    enabled: change.enabled === undefined ? before.enabled : Number(change.enabled),
    input: change.input === undefined ? before.input : JSON.stringify(change.input),
    version: version === undefined ? before.version : version === null ? null : String(version),
    ...mergedDst(before, change.dst),
    overlap: change.overlap ?? before.overlap,
    catchUp: change.catchUp ?? before.catchUp,
    startAt: time(change.startAt, before.startAt),
    endAt: time(change.endAt, before.endAt),
    jitterSeconds: change.jitterSeconds === undefined ? before.jitterSeconds : (change.jitterSeconds ?? 0),
    condition: condition === undefined ? before.condition : condition === null ? null : JSON.stringify(condition),
    pauseAfterFailures:
      change.pauseAfterFailures === undefined ? before.pauseAfterFailures : (change.pauseAfterFailures ?? 0),
    maxRetries: change.maxRetries ?? before.maxRetries,
    retryDelaySeconds: change.retryDelaySeconds ?? before.retryDelaySeconds,
  };
}

/**
 * The policy for changes of the clocks behind a change, key by key; `null` goes back to what suits the expression. What
 * GET shows is the policy in effect: sent back whole and unchanged it must not become a setting of its own, which would
 * outlive the expression that it suited.
 */
function mergedDst(before: ScheduleSettings, dst: ScheduleChange["dst"]): Pick<ScheduleRow, "dstGap" | "dstOverlap"> {
  const { dstGap, dstOverlap } = before;
  if (dst === undefined) return { dstGap, dstOverlap };
  if (dst === null) return { dstGap: null, dstOverlap: null };
  const shown = dstOf(before);
  // Nothing has been shown of a schedule that is only being made.
  if (before.cronExpression !== null && dst.gap === shown.gap && dst.overlap === shown.overlap) {
    return { dstGap, dstOverlap };
  }
  return {
    dstGap: dst.gap === undefined ? dstGap : dst.gap,
    dstOverlap: dst.overlap === undefined ? dstOverlap : dst.overlap,
  };
}

type TimingColumns = Pick<ScheduleRow, "timezone" | "dstGap" | "dstOverlap" | "startAt" | "endAt">;

/** When a row's schedule fires, given its expression. */
export function timingOf(row: TimingColumns, cronExpression: string): Timing {
  return {
    cronExpression,
    timezone: row.timezone,
    dst: { gap: row.dstGap, overlap: row.dstOverlap },
    startAt: row.startAt,
    endAt: row.endAt,
  };
}

export const conditionColumn = z.object({ workflowId: z.string().optional(), expression: z.string() });

/** A schedule as the API shows it. */
export function scheduleView(row: ScheduleRow): ScheduleView {
  return {
    id: row.id,
    workflowId: row.workflowId,
    cronExpression: row.cronExpression,
    description: wordsOf(row.cronExpression),
    timezone: row.timezone,
    enabled: row.enabled === 1,
    input: JSON.parse(row.input),
    version: row.version !== null && /^[1-9]\d{0,14}$/.test(row.version) ? Number(row.version) : row.version,
    dst: dstOf(row),
    overlap: row.overlap,
    catchUp: row.catchUp,
    startAt: isoTimeOrNull(row.startAt),
    endAt: isoTimeOrNull(row.endAt),
    jitterSeconds: row.jitterSeconds,
    condition: row.condition === null ? null : conditionColumn.parse(JSON.parse(row.condition)),
    after: row.afterWorkflowId === null ? null : { workflowId: row.afterWorkflowId },
    pauseAfterFailures: row.pauseAfterFailures === 0 ? null : row.pauseAfterFailures,
    maxRetries: row.maxRetries,
    retryDelaySeconds: row.retryDelaySeconds,
    nextRunAt: isoTimeOrNull(row.nextRunAt),
    lastRunAt: isoTimeOrNull(row.lastRunAt),
    executionCount: row.executionCount,
    createdAt: isoTime(row.createdAt),
    updatedAt: isoTime(row.updatedAt),
  };
}

/** An expression in words; as it is written when it is not understood any more, which must not hide a whole list. */
function wordsOf(cronExpression: string | null): string | null {
  if (cronExpression === null) return null;
  try {
    return describe(cronOf(cronExpression), null);
  } catch (error) {
    if (error instanceof DomainError) return cronExpression;
    throw error;
  }
}

function dstOf(row: TimingColumns & Pick<ScheduleRow, "cronExpression">): ScheduleView["dst"] {
  const plain = { gap: row.dstGap ?? "shift", overlap: row.dstOverlap ?? "first" } as const;
  if (row.cronExpression === null) return plain;
  try {
    const cron = cronOf(row.cronExpression);
    return whereOf(timingOf(row, row.cronExpression), cron).dst;
  } catch (error) {
    // An expression that was understood when it was stored must not hide the list that its schedule stands in.
    if (error instanceof DomainError) return plain;
    throw error;
  }
}

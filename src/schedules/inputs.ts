import { z } from "@hono/zod-openapi";
import { pageQueryFields } from "../core/pagination.ts";
import { MAX_EXPRESSION_LENGTH } from "../definitions/index.ts";
import { inputSchemaWithin } from "../executions/index.ts";
import { CATCH_UPS, DST_GAPS, DST_OVERLAPS, OVERLAPS, RUN_STATUSES } from "./schema.ts";

/** Schedules are read by the hundred, each with its input. */
const INPUT_LIMITS = { maxBytes: 64 * 1_024, maxDepth: 64 };
const DAY_SECONDS = 86_400;

const id = z.string().min(1).max(64);
const time = z.iso.datetime({ offset: true, error: "a time such as 2026-01-31T12:00:00Z" });
const expression = z.string().min(1).max(MAX_EXPRESSION_LENGTH);

/** Without a workflow it looks at the scheduled one itself. A text alone stands for the expression. */
const conditionSchema = z.union([
  z.strictObject({ workflowId: id.optional(), expression }),
  expression.transform((text) => ({ expression: text })),
]);

/** What is left out stays; null goes back to what suits the expression. */
const dstSchema = z.strictObject({
  gap: z.enum(DST_GAPS).nullable().optional(),
  overlap: z.enum(DST_OVERLAPS).nullable().optional(),
});

const fields = {
  cronExpression: z.string().max(200).nullable().optional(),
  timezone: z.string().min(1).max(64).optional(),
  enabled: z.boolean().optional(),
  input: inputSchemaWithin(INPUT_LIMITS).optional(),
  version: z
    .union([id, z.int().min(1)])
    .nullable()
    .optional(),
  dst: dstSchema.nullable().optional(),
  overlap: z.enum(OVERLAPS).optional(),
  catchUp: z.enum(CATCH_UPS).optional(),
  startAt: time.nullable().optional(),
  endAt: time.nullable().optional(),
  jitterSeconds: z
    .int()
    .min(0)
    .max(6 * 3_600)
    .nullable()
    .optional(),
  condition: conditionSchema.nullable().optional(),
  after: z.strictObject({ workflowId: id }).nullable().optional(),
  pauseAfterFailures: z.int().min(0).max(1_000).nullable().optional(),
  maxRetries: z.int().min(0).max(10).optional(),
  retryDelaySeconds: z.int().min(1).max(DAY_SECONDS).optional(),
};

/** What GET adds to a schedule. It may be sent back, and is ignored. */
const readOnly = {
  id: z.unknown().optional(),
  workflowId: z.unknown().optional(),
  workflowName: z.unknown().optional(),
  description: z.unknown().optional(),
  nextRunAt: z.unknown().optional(),
  lastRunAt: z.unknown().optional(),
  executionCount: z.unknown().optional(),
  createdAt: z.unknown().optional(),
  updatedAt: z.unknown().optional(),
};

export const scheduleChangeSchema = z.strictObject({ ...fields, ...readOnly }).openapi("ScheduleChange");
export type ScheduleChange = z.infer<typeof scheduleChangeSchema>;

export const scheduleSchema = z
  .object({
    id: z.string(),
    workflowId: z.string(),
    cronExpression: z.string().nullable(),
    description: z
      .string()
      .nullable()
      .openapi({ description: "The expression in words. null: after another workflow" }),
    timezone: z.string(),
    enabled: z.boolean(),
    input: z.json().openapi({ type: ["object", "array", "string", "number", "boolean", "null"] }),
    version: z.union([z.string(), z.number().int()]).nullable(),
    dst: z.object({ gap: z.enum(DST_GAPS), overlap: z.enum(DST_OVERLAPS) }),
    overlap: z.enum(OVERLAPS),
    catchUp: z.enum(CATCH_UPS),
    startAt: z.string().nullable(),
    endAt: z.string().nullable(),
    jitterSeconds: z.number().int(),
    condition: z.object({ workflowId: z.string().optional(), expression: z.string() }).nullable(),
    after: z.object({ workflowId: z.string() }).nullable(),
    /** Null: never. */
    pauseAfterFailures: z.number().int().nullable(),
    maxRetries: z.number().int(),
    retryDelaySeconds: z.number().int(),
    nextRunAt: z.string().nullable(),
    lastRunAt: z.string().nullable(),
    executionCount: z.number().int(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi("Schedule");
export type ScheduleView = z.infer<typeof scheduleSchema>;

/** A schedule in the list of the whole workspace. */
export const listedScheduleSchema = scheduleSchema.extend({ workflowName: z.string() }).openapi("ListedSchedule");
export type ListedSchedule = z.infer<typeof listedScheduleSchema>;

export const MAX_UPCOMING_DAYS = 14;

export const upcomingQuerySchema = z.object({
  timezone: z.string().min(1).max(64).default("UTC"),
  days: z.coerce.number().int().min(1).max(MAX_UPCOMING_DAYS).default(7),
});
export type UpcomingQuery = z.infer<typeof upcomingQuerySchema>;

export const upcomingSchema = z
  .object({
    timezone: z.string(),
    days: z.array(
      z.object({
        date: z.string().openapi({ description: "A day of the zone that was asked for: 2026-01-31" }),
        items: z
          .array(
            z.object({
              scheduleId: z.string(),
              workflowId: z.string(),
              workflowName: z.string(),
              description: z.string().openapi({ description: "The expression in words" }),
              timezone: z.string().openapi({ description: "The schedule's own" }),
              runs: z.array(z.string()).openapi({ description: "The first of the day's runs" }),
              more: z.boolean().openapi({ description: "The day has more runs than are listed" }),
            }),
          )
          .openapi({ description: "One for each schedule that runs on the day, by its first run" }),
      }),
    ),
    more: z.boolean().openapi({ description: "There are more schedules than were looked at" }),
  })
  .openapi("UpcomingRuns");

export const previewRequestSchema = z
  .strictObject({
    cronExpression: z.string().max(200),
    timezone: z.string().min(1).max(64).default("UTC"),
    count: z.int().min(1).max(50).default(5),
    from: time.optional(),
    dst: dstSchema.nullable().optional(),
  })
  .openapi("PreviewRequest");
export type PreviewRequest = z.infer<typeof previewRequestSchema>;

export const previewSchema = z
  .object({
    description: z.string(),
    runs: z.array(z.string()),
    notes: z.array(z.object({ run: z.string(), note: z.string() })),
  })
  .openapi("Preview");

export const presetsSchema = z.object({
  items: z.array(
    z.object({ name: z.string(), cronExpression: z.string(), description: z.string() }).openapi("CronPreset"),
  ),
});

export const runSchema = z
  .object({
    scheduledFor: z.string(),
    attempt: z.number().int(),
    status: z.enum(RUN_STATUSES),
    executionId: z.string().nullable(),
    note: z.string().nullable(),
  })
  .openapi("ScheduleRun");

export const scheduleParams = z.object({ id: z.string().max(64) });
export const pageQuerySchema = z.object(pageQueryFields);

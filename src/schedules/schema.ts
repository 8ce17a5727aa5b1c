import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const OVERLAPS = ["skip", "allow", "queue"] as const;
export const CATCH_UPS = ["skip", "once", "all"] as const;
export const DST_GAPS = ["shift", "skip"] as const;
export const DST_OVERLAPS = ["first", "both"] as const;
export const RUN_STATUSES = ["pending", "running", "succeeded", "failed", "cancelled", "skipped", "missed"] as const;

export const schedules = sqliteTable(
  "schedules",
  {
    workspaceId: text("workspace_id").notNull(),
    id: text("id").notNull(),
    workflowId: text("workflow_id").notNull(),
    cronExpression: text("cron_expression"),
    timezone: text("timezone").notNull(),
    enabled: integer("enabled").notNull(),
    input: text("input").notNull(),
    version: text("version"),
    pinnedVersionId: text("pinned_version_id"),
    dstGap: text("dst_gap", { enum: DST_GAPS }),
    dstOverlap: text("dst_overlap", { enum: DST_OVERLAPS }),
    overlap: text("overlap", { enum: OVERLAPS }).notNull(),
    catchUp: text("catch_up", { enum: CATCH_UPS }).notNull(),
    startAt: integer("start_at"),
    endAt: integer("end_at"),
    jitterSeconds: integer("jitter_seconds").notNull(),
    condition: text("condition"),
    afterWorkflowId: text("after_workflow_id"),
    pauseAfterFailures: integer("pause_after_failures").notNull(),
    maxRetries: integer("max_retries").notNull(),
    retryDelaySeconds: integer("retry_delay_seconds").notNull(),
    nextRunAt: integer("next_run_at"),
    lastRunAt: integer("last_run_at"),
    executionCount: integer("execution_count").notNull().default(0),
    failures: integer("failures").notNull().default(0),
    revision: integer("revision").notNull().default(1),
    claimedBy: text("claimed_by"),
    ended: integer("ended").notNull().default(0),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
    guard: integer("guard").notNull().default(0),
    circle: integer("circle").notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.id] }),
    index("schedules_due").on(table.nextRunAt),
    index("schedules_by_workflow").on(table.workspaceId, table.workflowId, table.id),
    index("schedules_by_pin").on(table.workspaceId, table.pinnedVersionId),
    index("schedules_by_after").on(table.workspaceId, table.afterWorkflowId),
  ],
);

export const scheduleRuns = sqliteTable(
  "schedule_runs",
  {
    workspaceId: text("workspace_id").notNull(),
    scheduleId: text("schedule_id").notNull(),
    scheduledFor: integer("scheduled_for").notNull(),
    attempt: integer("attempt").notNull(),
    status: text("status", { enum: RUN_STATUSES }).notNull(),
    executionId: text("execution_id"),
    note: text("note"),
    dueAt: integer("due_at"),
    waits: integer("waits").notNull().default(0),
    open: integer("open"),
    settleAt: integer("settle_at"),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.scheduleId, table.scheduledFor, table.attempt] }),
    index("schedule_runs_due").on(table.dueAt),
    index("schedule_runs_to_settle").on(table.settleAt),
    index("schedule_runs_open").on(table.workspaceId, table.scheduleId),
    index("schedule_runs_waiting").on(table.workspaceId, table.scheduleId),
    index("schedule_runs_running").on(table.executionId),
  ],
);

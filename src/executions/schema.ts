import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const EXECUTION_STATUSES = ["queued", "running", "succeeded", "failed", "cancelled"] as const;
export const STEP_STATUSES = ["pending", "ready", "running", "succeeded", "failed", "skipped", "cancelled"] as const;
export const TRIGGER_TYPES = ["manual", "schedule", "webhook", "retry"] as const;

export const executions = sqliteTable(
  "executions",
  {
    workspaceId: text("workspace_id").notNull(),
    id: text("id").notNull(),
    workflowId: text("workflow_id").notNull(),
    versionId: text("version_id").notNull(),
    versionNumber: integer("version_number").notNull(),
    contentHash: text("content_hash").notNull(),
    status: text("status", { enum: EXECUTION_STATUSES }).notNull(),
    triggerType: text("trigger_type", { enum: TRIGGER_TYPES }).notNull(),
    triggerId: text("trigger_id"),
    retryOf: text("retry_of"),
    reusedSteps: integer("reused_steps").notNull().default(0),
    input: text("input").notNull(),
    error: text("error"),
    maxParallel: integer("max_parallel"),
    createdAt: integer("created_at").notNull(),
    startedAt: integer("started_at"),
    completedAt: integer("completed_at"),
    deadlineAt: integer("deadline_at").notNull(),
    costNanoUsd: integer("cost_nano_usd").notNull().default(0),
    pricedCalls: integer("priced_calls").notNull().default(0),
    unpricedCalls: integer("unpriced_calls").notNull().default(0),
    inputTokens: integer("input_tokens").notNull().default(0),
    outputTokens: integer("output_tokens").notNull().default(0),
    imported: integer("imported").notNull().default(0),
    guard: integer("guard").notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.id] }),
    index("executions_by_workflow").on(table.workspaceId, table.workflowId, table.id),
    index("executions_by_retry").on(table.workspaceId, table.retryOf),
  ],
);

export const steps = sqliteTable(
  "steps",
  {
    workspaceId: text("workspace_id").notNull(),
    executionId: text("execution_id").notNull(),
    nodeId: text("node_id").notNull(),
    agentId: text("agent_id").notNull(),
    name: text("name").notNull(),
    position: integer("position").notNull(),
    status: text("status", { enum: STEP_STATUSES }).notNull(),
    waiting: integer("waiting").notNull(),
    taken: integer("taken").notNull(),
    availableAt: integer("available_at"),
    wakeAt: integer("wake_at"),
    sends: integer("sends").notNull().default(0),
    held: integer("held").notNull().default(0),
    fence: integer("fence").notNull().default(0),
    losses: integer("losses").notNull().default(0),
    retries: integer("retries").notNull().default(0),
    putBackAt: integer("put_back_at"),
    output: text("output"),
    outputKey: text("output_key"),
    edgesTaken: text("edges_taken"),
    error: text("error"),
    provider: text("provider"),
    model: text("model"),
    fallbackUsed: integer("fallback_used").notNull().default(0),
    reused: integer("reused").notNull().default(0),
    imported: text("imported"),
    startedAt: integer("started_at"),
    completedAt: integer("completed_at"),
    guard: integer("guard").notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.executionId, table.nodeId] }),
    index("steps_by_wake").on(table.wakeAt),
    index("steps_by_output_key").on(table.outputKey),
  ],
);

export const attempts = sqliteTable(
  "attempts",
  {
    workspaceId: text("workspace_id").notNull(),
    executionId: text("execution_id").notNull(),
    nodeId: text("node_id").notNull(),
    fence: integer("fence").notNull(),
    attempt: integer("attempt").notNull(),
    provider: text("provider").notNull(),
    model: text("model").notNull(),
    status: text("status", { enum: ["succeeded", "failed"] }).notNull(),
    errorKind: text("error_kind"),
    httpStatus: integer("http_status"),
    waitMs: integer("wait_ms").notNull(),
    latencyMs: integer("latency_ms").notNull(),
    reason: text("reason").notNull(),
    at: integer("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.executionId, table.nodeId, table.fence, table.attempt] })],
);

export const logs = sqliteTable(
  "logs",
  {
    workspaceId: text("workspace_id").notNull(),
    executionId: text("execution_id").notNull(),
    at: integer("at").notNull(),
    line: text("line").notNull(),
    level: text("level", { enum: ["info", "warn", "error"] }).notNull(),
    message: text("message").notNull(),
    nodeId: text("node_id"),
    data: text("data"),
  },
  (table) => [primaryKey({ columns: [table.executionId, table.at, table.line] })],
);

export const retentionProgress = sqliteTable("retention_progress", {
  workspaceId: text("workspace_id").primaryKey(),
  logsUntil: text("logs_until").notNull(),
});

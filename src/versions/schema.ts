import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { RETENTION_DEFAULTS } from "../core/retention.ts";

export const snapshots = sqliteTable(
  "snapshots",
  {
    workspaceId: text("workspace_id").notNull(),
    hash: text("hash").notNull(),
    encoding: text("encoding", { enum: ["json", "gzip"] }).notNull(),
    content: text("content").notNull(),
    touchedAt: integer("touched_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.hash] })],
);

export const versions = sqliteTable(
  "versions",
  {
    workspaceId: text("workspace_id").notNull(),
    id: text("id").notNull(),
    workflowId: text("workflow_id").notNull(),
    number: integer("number").notNull(),
    kind: text("kind", { enum: ["manual", "auto", "restore", "import"] }).notNull(),
    message: text("message").notNull(),
    contentHash: text("content_hash").notNull(),
    parentVersionId: text("parent_version_id"),
    createdBy: text("created_by"),
    createdAt: integer("created_at").notNull(),
    executed: integer("executed").notNull().default(0),
    succeededCount: integer("succeeded_count").notNull().default(0),
    failedCount: integer("failed_count").notNull().default(0),
    cancelledCount: integer("cancelled_count").notNull().default(0),
    durationMsSum: integer("duration_ms_sum").notNull().default(0),
    costNanoUsdSum: integer("cost_nano_usd_sum").notNull().default(0),
    pricedCount: integer("priced_count").notNull().default(0),
    inputTokensSum: integer("input_tokens_sum").notNull().default(0),
    outputTokensSum: integer("output_tokens_sum").notNull().default(0),
    authorName: text("author_name"),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.id] }),
    uniqueIndex("versions_by_number").on(table.workspaceId, table.workflowId, table.number),
    index("versions_by_content").on(table.workspaceId, table.contentHash),
    index("versions_prunable").on(table.createdAt),
    index("versions_committed").on(table.workspaceId, table.workflowId, table.number),
    index("versions_automatic").on(table.workspaceId, table.workflowId, table.number, table.createdAt, table.executed),
  ],
);

export const versionTags = sqliteTable(
  "version_tags",
  {
    workspaceId: text("workspace_id").notNull(),
    workflowId: text("workflow_id").notNull(),
    tag: text("tag").notNull(),
    versionId: text("version_id").notNull(),
    weight: integer("weight").notNull(),
    movedAt: integer("moved_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.workflowId, table.tag, table.versionId] }),
    index("version_tags_by_version").on(table.workspaceId, table.versionId),
  ],
);

export const retentionSettings = sqliteTable("retention_settings", {
  workspaceId: text("workspace_id").primaryKey(),
  autoVersionsKept: integer("auto_versions_kept").notNull(),
  autoVersionDays: integer("auto_version_days").notNull(),
  executionDays: integer("execution_days").notNull().default(RETENTION_DEFAULTS.executionDays),
  logDays: integer("log_days").notNull().default(RETENTION_DEFAULTS.logDays),
  callDays: integer("call_days").notNull().default(RETENTION_DEFAULTS.callDays),
});

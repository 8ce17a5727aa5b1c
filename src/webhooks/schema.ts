import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

export const webhooks = sqliteTable(
  "webhooks",
  {
    workspaceId: text("workspace_id").notNull(),
    id: text("id").notNull(),
    workflowId: text("workflow_id").notNull(),
    enabled: integer("enabled").notNull(),
    secretHash: text("secret_hash").notNull(),
    secret: text("secret").notNull(),
    previousHash: text("previous_hash"),
    previousSecret: text("previous_secret"),
    previousValidUntil: integer("previous_valid_until"),
    ipWhitelist: text("ip_whitelist").notNull(),
    payloadTransformer: text("payload_transformer"),
    signature: text("signature").notNull(),
    signingSecret: text("signing_secret"),
    rateLimit: integer("rate_limit").notNull(),
    rateWindowSeconds: integer("rate_window_seconds").notNull(),
    rotateAfterDays: integer("rotate_after_days"),
    rotateAt: integer("rotate_at"),
    version: text("version"),
    pinnedVersionId: text("pinned_version_id"),
    triggerCount: integer("trigger_count").notNull().default(0),
    lastTriggeredAt: integer("last_triggered_at"),
    createdBy: text("created_by"),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.id] }),
    index("webhooks_by_workflow").on(table.workspaceId, table.workflowId, table.id),
    uniqueIndex("webhooks_by_secret").on(table.workflowId, table.secretHash),
    index("webhooks_by_previous_secret").on(table.workflowId, table.previousHash),
    index("webhooks_by_pin").on(table.workspaceId, table.pinnedVersionId),
    index("webhooks_by_rotation").on(table.rotateAt),
  ],
);

export const webhookDeliveries = sqliteTable(
  "webhook_deliveries",
  {
    workspaceId: text("workspace_id").notNull(),
    webhookId: text("webhook_id").notNull(),
    deliveryId: text("delivery_id").notNull(),
    executionId: text("execution_id").notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.webhookId, table.deliveryId] }),
    index("webhook_deliveries_by_age").on(table.createdAt),
  ],
);

export const webhookMisses = sqliteTable(
  "webhook_misses",
  {
    workspaceId: text("workspace_id").notNull(),
    workflowId: text("workflow_id").notNull(),
    count: integer("count").notNull(),
    lastAt: integer("last_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.workflowId] })],
);

export const orphanedGates = sqliteTable("orphaned_gates", {
  webhookId: text("webhook_id").primaryKey(),
  deletedAt: integer("deleted_at").notNull(),
});

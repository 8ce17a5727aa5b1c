import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { PROVIDERS } from "./contract.ts";

/** A workspace's own keys for providers, at most one each, sealed. */
export const credentials = sqliteTable(
  "credentials",
  {
    workspaceId: text("workspace_id").notNull(),
    provider: text("provider", { enum: PROVIDERS }).notNull(),
    /** New with every key that is stored. */
    id: text("id").notNull(),
    ciphertext: text("ciphertext").notNull(),
    last4: text("last4").notNull(),
    baseUrl: text("base_url"),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.provider] })],
);

/** Where steps left one target for another. */
export const fallbackEvents = sqliteTable(
  "fallback_events",
  {
    workspaceId: text("workspace_id").notNull(),
    executionId: text("execution_id").notNull(),
    nodeId: text("node_id").notNull(),
    fence: integer("fence").notNull(),
    attempt: integer("attempt").notNull(),
    workflowId: text("workflow_id").notNull(),
    fromProvider: text("from_provider").notNull(),
    fromModel: text("from_model").notNull(),
    toProvider: text("to_provider").notNull(),
    toModel: text("to_model").notNull(),
    reason: text("reason").notNull(),
    success: integer("success").notNull(),
    at: integer("at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.executionId, table.nodeId, table.fence, table.attempt] }),
    index("fallback_events_by_time").on(table.workspaceId, table.at),
  ],
);

import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { EXPORT_STATUSES } from "./export-options.ts";

export const exports = sqliteTable(
  "exports",
  {
    workspaceId: text("workspace_id").notNull(),
    id: text("id").notNull(),
    status: text("status", { enum: EXPORT_STATUSES }).notNull(),
    options: text("options").notNull(),
    workflowIds: text("workflow_ids").notNull(),
    done: integer("done").notNull().default(0),
    total: integer("total").notNull(),
    attempt: integer("attempt").notNull().default(0),
    uploadId: text("upload_id"),
    sizeBytes: integer("size_bytes"),
    secretFindings: integer("secret_findings").notNull().default(0),
    error: text("error"),
    wakeAt: integer("wake_at"),
    createdBy: text("created_by"),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
    expiresAt: integer("expires_at"),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.id] }), index("exports_by_wake").on(table.wakeAt)],
);

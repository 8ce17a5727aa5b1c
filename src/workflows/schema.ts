import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const workflows = sqliteTable(
  "workflows",
  {
    workspaceId: text("workspace_id").notNull(),
    id: text("id").notNull(),
    name: text("name").notNull(),
    description: text("description"),
    draftHash: text("draft_hash").notNull(),
    revision: integer("revision").notNull(),
    createdBy: text("created_by"),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
    conflict: integer("conflict").notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.id] }),
    index("workflows_by_draft").on(table.workspaceId, table.draftHash),
    index("workflows_by_name").on(table.workspaceId, table.name),
  ],
);

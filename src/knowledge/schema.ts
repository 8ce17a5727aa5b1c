import { integer, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** Where an entry came from. */
export const KNOWLEDGE_SOURCES = ["person", "agent", "import"] as const;
export type KnowledgeSource = (typeof KNOWLEDGE_SOURCES)[number];

/** What agents of a role may draw on. Role and category are compared without regard to case (ASCII letters). */
export const knowledge = sqliteTable(
  "knowledge",
  {
    seq: integer("seq").primaryKey(),
    workspaceId: text("workspace_id").notNull(),
    id: text("id").notNull(),
    agentRole: text("agent_role").notNull(),
    category: text("category").notNull(),
    content: text("content").notNull(),
    context: text("context"),
    confidence: real("confidence").notNull(),
    source: text("source", { enum: KNOWLEDGE_SOURCES }).notNull(),
    executionId: text("execution_id"),
    nodeId: text("node_id"),
    contentHash: text("content_hash").notNull(),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("knowledge_by_id").on(table.workspaceId, table.id),
    uniqueIndex("knowledge_by_content").on(table.workspaceId, table.agentRole, table.category, table.contentHash),
  ],
);

export type KnowledgeRow = typeof knowledge.$inferSelect;

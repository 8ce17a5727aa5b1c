import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** The ledger: one row a call that consumed tokens. */
export const executionCosts = sqliteTable(
  "execution_costs",
  {
    workspaceId: text("workspace_id").notNull(),
    executionId: text("execution_id").notNull(),
    nodeId: text("node_id").notNull(),
    fence: integer("fence").notNull(),
    attempt: integer("attempt").notNull(),
    workflowId: text("workflow_id").notNull(),
    versionId: text("version_id").notNull(),
    agentId: text("agent_id").notNull(),
    agentRole: text("agent_role").notNull(),
    provider: text("provider").notNull(),
    modelAsked: text("model_asked").notNull(),
    model: text("model").notNull(),
    inputTokens: integer("input_tokens").notNull(),
    cachedInputTokens: integer("cached_input_tokens").notNull(),
    cacheWriteTokens: integer("cache_write_tokens").notNull(),
    cacheWrite1hTokens: integer("cache_write_1h_tokens").notNull(),
    outputTokens: integer("output_tokens").notNull(),
    reasoningTokens: integer("reasoning_tokens").notNull(),
    costNanoUsd: integer("cost_nano_usd"),
    price: text("price"),
    at: integer("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.executionId, table.nodeId, table.fence, table.attempt] })],
);

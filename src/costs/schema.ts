import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** The ledger: one row a call that consumed tokens, or may have. */
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
    /** 1: no count of its tokens came back, so that it can never be priced. */
    uncounted: integer("uncounted").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.executionId, table.nodeId, table.fence, table.attempt] }),
    index("execution_costs_by_time").on(table.workspaceId, table.at),
    index("execution_costs_unpriced")
      .on(table.workspaceId, table.provider, table.model, table.at)
      .where(sql`cost_nano_usd IS NULL AND uncounted = 0`),
    index("execution_costs_uncounted")
      .on(table.workspaceId, table.provider, table.model, table.at)
      .where(sql`uncounted = 1`),
  ],
);

/** Models of calls whose cost is not known, counted as they come and go. */
export const unpricedModels = sqliteTable(
  "unpriced_models",
  {
    workspaceId: text("workspace_id").notNull(),
    provider: text("provider").notNull(),
    model: text("model").notNull(),
    /** 1: no price helps, since no tokens were counted. */
    uncounted: integer("uncounted").notNull(),
    calls: integer("calls").notNull(),
    inputTokens: integer("input_tokens").notNull(),
    outputTokens: integer("output_tokens").notNull(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.provider, table.model, table.uncounted] })],
);

/** What workspaces pay where the catalogue says something else or nothing. Rows are added and never changed. */
export const providerPricing = sqliteTable(
  "provider_pricing",
  {
    seq: integer("seq").primaryKey({ autoIncrement: true }),
    id: text("id").notNull().unique(),
    workspaceId: text("workspace_id").notNull(),
    provider: text("provider").notNull(),
    model: text("model").notNull(),
    currency: text("currency").notNull(),
    effectiveDate: integer("effective_date").notNull(),
    inputTokenPrice: integer("input_token_price").notNull(),
    cachedInputTokenPrice: integer("cached_input_token_price"),
    cacheWriteTokenPrice: integer("cache_write_token_price"),
    cacheWrite1hTokenPrice: integer("cache_write_1h_token_price"),
    outputTokenPrice: integer("output_token_price").notNull(),
    reasoningTokenPrice: integer("reasoning_token_price"),
    tiers: text("tiers"),
    createdBy: text("created_by"),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [index("provider_pricing_by_workspace").on(table.workspaceId, table.seq)],
);

export { budgetAlerts, budgetPeriods, budgetReservations, budgets } from "./budget-schema.ts";

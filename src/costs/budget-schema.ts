import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { PERIODS } from "./rules/budget-period.ts";

export const BUDGET_SCOPES = ["workspace", "workflow"] as const;
export const BUDGET_ACTIONS = ["alert", "block"] as const;

/** Spending limits over a period, of a workspace or of one of its workflows. */
export const budgets = sqliteTable(
  "budgets",
  {
    workspaceId: text("workspace_id").notNull(),
    id: text("id").notNull(),
    scope: text("scope", { enum: BUDGET_SCOPES }).notNull(),
    workflowId: text("workflow_id"),
    period: text("period", { enum: PERIODS }).notNull(),
    timezone: text("timezone").notNull(),
    limitNanoUsd: integer("limit_nano_usd").notNull(),
    alertAt: text("alert_at").notNull(),
    action: text("action", { enum: BUDGET_ACTIONS }).notNull(),
    webhookUrl: text("webhook_url"),
    webhookSecret: text("webhook_secret"),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.id] })],
);

/** What was spent of a budget in a period. */
export const budgetPeriods = sqliteTable(
  "budget_periods",
  {
    workspaceId: text("workspace_id").notNull(),
    budgetId: text("budget_id").notNull(),
    periodStart: integer("period_start").notNull(),
    periodEnd: integer("period_end").notNull(),
    spentNanoUsd: integer("spent_nano_usd").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.budgetId, table.periodStart] }),
    index("budget_periods_by_end").on(table.periodEnd),
  ],
);

/** The worst case of a call that has not been settled, or that was lost. */
export const budgetReservations = sqliteTable(
  "budget_reservations",
  {
    workspaceId: text("workspace_id").notNull(),
    executionId: text("execution_id").notNull(),
    nodeId: text("node_id").notNull(),
    fence: integer("fence").notNull(),
    attempt: integer("attempt").notNull(),
    workflowId: text("workflow_id").notNull(),
    amountNanoUsd: integer("amount_nano_usd").notNull(),
    at: integer("at").notNull(),
    expiresAt: integer("expires_at").notNull(),
    lost: integer("lost").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.executionId, table.nodeId, table.fence, table.attempt] }),
    index("budget_reservations_open").on(table.workspaceId, table.at).where(sql`lost = 0`),
    index("budget_reservations_expiring").on(table.expiresAt).where(sql`lost = 0`),
    index("budget_reservations_lost").on(table.workspaceId, table.at).where(sql`lost = 1`),
  ],
);

/** Thresholds that were reached, and what is still to be told of them. */
export const budgetAlerts = sqliteTable(
  "budget_alerts",
  {
    workspaceId: text("workspace_id").notNull(),
    budgetId: text("budget_id").notNull(),
    periodStart: integer("period_start").notNull(),
    threshold: integer("threshold").notNull(),
    periodEnd: integer("period_end").notNull(),
    limitNanoUsd: integer("limit_nano_usd").notNull(),
    spentNanoUsd: integer("spent_nano_usd").notNull(),
    eventId: text("event_id"),
    toldAt: integer("told_at"),
    webhookDueAt: integer("webhook_due_at"),
    webhookAttempts: integer("webhook_attempts").notNull(),
    /** What was refused, as JSON, for the threshold 0. */
    refusal: text("refusal"),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.budgetId, table.periodStart, table.threshold] }),
    index("budget_alerts_untold").on(table.workspaceId, table.budgetId).where(sql`event_id IS NULL`),
    index("budget_alerts_due").on(table.webhookDueAt).where(sql`webhook_due_at IS NOT NULL`),
  ],
);

import { z } from "zod";
import type { CipherSettings } from "../core/cipher.ts";
import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import type { Logger } from "../core/log.ts";
import type { Db } from "../db/client.ts";
import { BUDGET_ACTIONS, BUDGET_SCOPES } from "./budget-schema.ts";
import { PERIODS } from "./rules/budget-period.ts";

/** What watchers of a workspace are told of a budget. */
export interface BudgetAlertEvent {
  type: "budget";
  budgetId: string;
  workflowId: string | null;
  /** A percentage of the limit was reached, or a call was refused. */
  state: "reached" | "refused";
  /** Per cent of the limit; null for a refusal. */
  threshold: number | null;
  limitNanoUsd: number;
  spentNanoUsd: number;
  periodStart: string;
  at: string;
}

export interface AlertPorts {
  db: Db;
  clock: Clock;
  ids: Ids;
  log: Logger;
  settings: CipherSettings & { ALLOW_LOCAL_PROVIDERS: boolean };
  publish(workspaceId: string, events: readonly BudgetAlertEvent[]): void;
}

/** The columns of a reached threshold and its budget, of budget_alerts `a` and budgets `b`. */
export const ALERT_COLUMNS = `a.workspace_id AS workspaceId, a.budget_id AS budgetId, a.period_start AS periodStart,
  a.threshold, a.period_end AS periodEnd, a.limit_nano_usd AS limitNanoUsd, a.spent_nano_usd AS spentNanoUsd,
  a.refusal, b.scope, b.workflow_id AS workflowId, b.period, b.timezone, b.action, b.updated_at AS revision`;

/** A call that was refused, as the column `refusal` holds it. */
export const refusalSchema = z.object({
  kind: z.string(),
  message: z.string(),
  workflowId: z.string(),
  executionId: z.string(),
  nodeId: z.string(),
  /** The model without a price, where that was why. */
  provider: z.string().optional(),
  model: z.string().optional(),
});
export type StoredRefusal = z.infer<typeof refusalSchema>;

export const alertSchema = z.object({
  workspaceId: z.string(),
  budgetId: z.string(),
  periodStart: z.number(),
  threshold: z.number(),
  periodEnd: z.number(),
  limitNanoUsd: z.number(),
  spentNanoUsd: z.number(),
  scope: z.enum(BUDGET_SCOPES),
  workflowId: z.string().nullable(),
  period: z.enum(PERIODS),
  timezone: z.string(),
  action: z.enum(BUDGET_ACTIONS),
  refusal: z
    .string()
    .nullable()
    .transform((text) => (text === null ? null : refusalSchema.parse(JSON.parse(text)))),
  /** When the budget was changed last. What is told again under another limit is another event. */
  revision: z.number(),
});
export type Alert = z.infer<typeof alertSchema>;

export const IS_ALERT = "workspace_id = ?1 AND budget_id = ?2 AND period_start = ?3 AND threshold = ?4";

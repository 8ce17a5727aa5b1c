import { z } from "@hono/zod-openapi";
import { decimalToNanoUsd, NANO_USD_PER_USD } from "../core/money.ts";
import { isTimeZone } from "../core/zoned-time.ts";
import { BUDGET_ACTIONS, BUDGET_SCOPES } from "./budget-schema.ts";
import { PERIODS } from "./rules/budget-period.ts";
import { MAX_WEBHOOK_URL_LENGTH } from "./rules/webhook-address.ts";

/** The largest limit. Far from where sums of nano-USD would no longer be exact, at 9 million dollars. */
const MAX_LIMIT_USD = 1_000_000;
const MAX_ALERTS = 20;

export const budgetParams = z.object({ id: z.string().max(64) });

/** Dollars, as a decimal text or a number: nobody's cents get lost, and none are made up. Becomes nano-USD. */
const limitUsd = z
  .union([z.string().trim().max(40), z.number()], { error: 'an amount in US dollars, such as "12.50"' })
  .transform((given, refinement) => {
    const nanoUsd = decimalToNanoUsd(typeof given === "number" ? decimalOf(given) : given);
    const fault = limitFault(nanoUsd);
    if (nanoUsd !== null && fault === null) return nanoUsd;
    refinement.addIssue({ code: "custom", message: fault ?? "is no amount" });
    return z.NEVER;
  })
  .openapi({ type: ["string", "number"], example: "12.50" });

function limitFault(nanoUsd: number | null): string | null {
  if (nanoUsd === null) return 'takes a plain decimal with at most nine digits behind the point, such as "12.50"';
  if (nanoUsd === 0) return "has to be more than 0";
  if (nanoUsd > MAX_LIMIT_USD * NANO_USD_PER_USD) return `is at most ${MAX_LIMIT_USD} US dollars`;
  return null;
}

/** JavaScript writes small numbers with an exponent: 1e-7. */
function decimalOf(given: number): string {
  const text = String(given);
  return text.includes("e") && Math.abs(given) < 1 ? given.toFixed(9) : text;
}

const fields = {
  scope: z.enum(BUDGET_SCOPES),
  workflowId: z.string().min(1).max(64).nullable(),
  period: z.enum(PERIODS),
  timezone: z.string().max(64).refine(isTimeZone, "is no time zone: give an IANA name such as Europe/Berlin, or UTC"),
  limitUsd,
  /** Per cent of the limit, ascending and each once, however they are given. */
  alertAt: z
    .array(z.int().min(1).max(100))
    .max(MAX_ALERTS)
    .transform((all) => [...new Set(all)].toSorted((a, b) => a - b)),
  action: z.enum(BUDGET_ACTIONS),
  webhookUrl: z.string().trim().max(MAX_WEBHOOK_URL_LENGTH).nullable(),
};

export const newBudgetSchema = z
  .strictObject({
    /** Left out: of the workflow that is named, or else of the workspace. */
    scope: fields.scope.optional(),
    workflowId: fields.workflowId.optional(),
    period: fields.period,
    timezone: fields.timezone.default("UTC"),
    limitUsd: fields.limitUsd,
    alertAt: fields.alertAt.default([50, 80, 100]),
    action: fields.action.default("alert"),
    webhookUrl: fields.webhookUrl.optional(),
  })
  .openapi("NewBudget");
export type NewBudget = z.infer<typeof newBudgetSchema>;

/** Given by GET, and ignored when it is sent back. What is in neither list is a slip that must not pass for a change. */
const readOnly = z.unknown().optional();

/** What GET gave may be sent back: fields that cannot be changed are left out of account. */
export const budgetChangeSchema = z
  .strictObject({
    scope: fields.scope.optional(),
    workflowId: fields.workflowId.optional(),
    period: fields.period.optional(),
    timezone: fields.timezone.optional(),
    limitUsd: fields.limitUsd.optional(),
    alertAt: fields.alertAt.optional(),
    action: fields.action.optional(),
    webhookUrl: fields.webhookUrl.optional(),
    id: readOnly,
    limitNanoUsd: readOnly,
    spentNanoUsd: readOnly,
    spentUsd: readOnly,
    reservedNanoUsd: readOnly,
    reservedUsd: readOnly,
    remainingNanoUsd: readOnly,
    remainingUsd: readOnly,
    periodStart: readOnly,
    periodEnd: readOnly,
    webhookSecret: readOnly,
    createdAt: readOnly,
    updatedAt: readOnly,
  })
  .openapi("BudgetChange");
export type BudgetChange = z.infer<typeof budgetChangeSchema>;

const nanoUsd = z.number().int();

export const budgetSchema = z
  .object({
    id: z.string(),
    scope: z.enum(BUDGET_SCOPES),
    workflowId: z.string().nullable(),
    period: z.enum(PERIODS),
    timezone: z.string(),
    limitUsd: z.string(),
    limitNanoUsd: nanoUsd,
    alertAt: z.array(z.number().int()),
    action: z.enum(BUDGET_ACTIONS),
    webhookUrl: z.string().nullable(),
    /** Of the period that is running: lost calls count at the most that they can have cost. */
    spentNanoUsd: nanoUsd,
    spentUsd: z.string(),
    /** The worst case of calls under way. */
    reservedNanoUsd: nanoUsd,
    reservedUsd: z.string(),
    remainingNanoUsd: nanoUsd,
    remainingUsd: z.string(),
    periodStart: z.string(),
    periodEnd: z.string(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi("Budget");
export type BudgetView = z.infer<typeof budgetSchema>;

/** With the secret that signs its webhooks, in the one answer in which it was made. */
export const writtenBudgetSchema = budgetSchema
  .extend({ webhookSecret: z.string().optional() })
  .openapi("WrittenBudget");
export type WrittenBudget = z.infer<typeof writtenBudgetSchema>;

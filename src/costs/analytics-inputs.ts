import { z } from "@hono/zod-openapi";
import { timeOrDay } from "../core/time-inputs.ts";
import { INTERVALS } from "./rules/buckets.ts";

const fields = {
  startDate: timeOrDay.optional().openapi({
    description: "A date begins with its first moment in the time zone. 30 days before the end when left out",
  }),
  endDate: timeOrDay.optional().openapi({
    description: "A date is included whole, a time is not. Today when left out",
  }),
  workflowId: z.string().max(64).optional(),
  provider: z.string().max(64).optional(),
  model: z.string().max(200).optional().openapi({ description: "The model that answered" }),
  timezone: z.string().max(64).default("UTC").openapi({ description: "An IANA name, UTC, or an offset (+05:45)" }),
};

export const analyticsQuery = z.object(fields);
export type AnalyticsQuery = z.infer<typeof analyticsQuery>;

export const trendsQuery = z.object({ ...fields, interval: z.enum(INTERVALS).default("day") });
export type TrendsQuery = z.infer<typeof trendsQuery>;

export const expensiveQuery = z.object({ ...fields, limit: z.coerce.number().int().min(1).max(100).default(10) });
export type ExpensiveQuery = z.infer<typeof expensiveQuery>;

/** Days are of UTC, as sums are folded, and taken whole. */
export const rebuildSchema = z
  .strictObject({
    startDate: timeOrDay.optional().openapi({ description: "The first day (UTC). The first of all when left out" }),
    endDate: timeOrDay.optional().openapi({ description: "The last day (UTC). The last of all when left out" }),
  })
  .openapi("RebuildRequest");
export type RebuildRequest = z.infer<typeof rebuildSchema>;

const count = z.number().int();

export const rebuiltSchema = z
  .object({
    days: count.openapi({ description: "Those that held anything, and were made anew" }),
    next: z.string().nullable().openapi({ description: "The startDate to go on with; null when all is done" }),
  })
  .openapi("Rebuilt");
export type RebuiltView = z.infer<typeof rebuiltSchema>;

const moneySchema = z
  .object({ costNanoUsd: count.nullable(), costUsd: z.string().nullable() })
  .openapi({ description: "null: unknown, because no call has a price" });

const rangeSchema = z
  .object({ from: z.string(), to: z.string(), timezone: z.string() })
  .openapi({ description: "What was summed, `to` excluded: times are moved out to whole quarters of an hour" });

const amountSchema = moneySchema.extend({ calls: count, unpricedCalls: count });

const spentFields = { ...amountSchema.shape, inputTokens: count, outputTokens: count };

const tokenFields = {
  calls: count,
  inputTokens: count.openapi({ description: "All input, cached and cache-write tokens included" }),
  cachedInputTokens: count,
  cacheWriteTokens: count,
  cacheWrite1hTokens: count,
  outputTokens: count.openapi({ description: "All output, reasoning included" }),
  reasoningTokens: count,
};

const workflowFields = {
  id: z.string(),
  name: z.string().nullable().openapi({ description: "Its last name, also of a workflow that was deleted" }),
  deleted: z.boolean(),
};

/** The four breakdowns, each entry with what tells it apart and these fields. */
function dimensions<Fields extends z.ZodRawShape>(fields: Fields) {
  return {
    byWorkflow: z.array(z.object({ ...workflowFields, ...fields })),
    byProvider: z.array(z.object({ provider: z.string(), ...fields })),
    byModel: z.array(z.object({ provider: z.string(), model: z.string(), ...fields })),
    byRole: z.array(z.object({ role: z.string(), ...fields })),
  };
}

export const costsSchema = z
  .object({
    range: rangeSchema,
    totalCostNanoUsd: count.nullable(),
    totalCostUsd: z.string().nullable(),
    calls: count,
    unpricedCalls: count,
    inputTokens: count,
    outputTokens: count,
    today: amountSchema,
    week: amountSchema.openapi({ description: "Since Monday" }),
    month: amountSchema,
    allTime: amountSchema,
    ...dimensions(spentFields),
    executions: z
      .object({ succeeded: count, failed: count, cancelled: count })
      .openapi({ description: "Those that ended in the range. Provider and model do not narrow them" }),
    costPerSuccessfulExecution: moneySchema
      .nullable()
      .openapi({ description: "The total, failures included, shared among what succeeded; null when nothing did" }),
  })
  .openapi("CostAnalytics");
export type CostsView = z.infer<typeof costsSchema>;

export const usageSchema = z
  .object({ range: rangeSchema, ...tokenFields, ...dimensions(tokenFields) })
  .openapi("UsageAnalytics");
export type UsageView = z.infer<typeof usageSchema>;

export const trendsSchema = z
  .object({
    interval: z.enum(INTERVALS),
    timezone: z.string(),
    range: rangeSchema,
    items: z.array(
      z.object({
        bucket: z.string().openapi({ description: "When the whole of it begins, in UTC" }),
        localStart: z.string().openapi({ description: "The same as clocks of the time zone show it" }),
        ...spentFields,
        executions: count.openapi({ description: "Those that ended in it. Provider and model do not narrow them" }),
      }),
    ),
  })
  .openapi("CostTrends");
export type TrendsView = z.infer<typeof trendsSchema>;

export const expensiveSchema = z
  .object({
    range: rangeSchema,
    items: z.array(
      z.object({
        ...workflowFields,
        ...spentFields,
        executions: count,
        succeededExecutions: count,
        costPerSuccessfulExecution: moneySchema.nullable(),
      }),
    ),
  })
  .openapi("ExpensiveWorkflows");
export type ExpensiveView = z.infer<typeof expensiveSchema>;

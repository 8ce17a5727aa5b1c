import { z } from "@hono/zod-openapi";
import { pageQueryFields } from "../core/pagination.ts";
import { timeOrDay } from "../core/time-inputs.ts";
import { jsonFault } from "../definitions/index.ts";
import { EXECUTION_STATUSES, STEP_STATUSES, TRIGGER_TYPES } from "./schema.ts";

/** A version's id, number or tag. */
const versionReference = z.union([z.string().min(1).max(64), z.int().min(1)]);

/** Any JSON value. Named types end the walk of the document's generator, which follows z.json() round and round. */
const jsonValueSchema = z.json().openapi({ type: ["object", "array", "string", "number", "boolean", "null"] });

export type JsonValue = z.infer<typeof jsonValueSchema>;

/** What is stored of an input, numbers written out: a row of D1 holds 2 MB. */
export const INPUT_LIMITS = { maxBytes: 1_000_000, maxDepth: 64 };

/**
 * The input of an execution, within bounds: any JSON value. Checked without recursion, since brackets alone, a hundred
 * thousand deep, would overflow the stack.
 */
export function inputSchemaWithin(limits: typeof INPUT_LIMITS) {
  return z
    .unknown()
    .superRefine((value, refinement) => {
      const fault = value === undefined ? null : jsonFault(value, limits);
      if (fault !== null) refinement.addIssue({ code: "custom", message: `the input ${fault}` });
    })
    .openapi({ type: ["object", "array", "string", "number", "boolean", "null"] });
}

export const executeSchema = z
  .strictObject({ input: inputSchemaWithin(INPUT_LIMITS).optional(), version: versionReference.optional() })
  .openapi("ExecuteRequest");

export const retrySchema = z.strictObject({ version: versionReference.optional() }).openapi("RetryRequest");

export const idempotencyHeaders = z.object({ "idempotency-key": z.string().optional() });

export const executionQuery = z.object({
  ...pageQueryFields,
  workflowId: z.string().max(64).optional(),
  status: z.enum(EXECUTION_STATUSES).optional(),
  trigger: z.enum(TRIGGER_TYPES).optional(),
  from: timeOrDay.optional(),
  to: timeOrDay.optional(),
});
export type ExecutionQuery = z.infer<typeof executionQuery>;

export const startedSchema = z
  .object({ executionId: z.string(), status: z.literal("queued"), versionId: z.string() })
  .openapi("Started");

export const retriedSchema = startedSchema
  .extend({ reusedSteps: z.number().int(), savedCostNanoUsd: z.number().int().nullable() })
  .openapi("Retried");

const costFields = { costNanoUsd: z.number().int().nullable(), costUsd: z.string().nullable() };

export const executionSchema = z
  .object({
    id: z.string(),
    workflowId: z.string(),
    versionId: z.string(),
    version: z.number().int(),
    status: z.enum(EXECUTION_STATUSES),
    trigger: z.object({ type: z.enum(TRIGGER_TYPES), id: z.string().nullable() }),
    retryOf: z.string().nullable(),
    reusedSteps: z.number().int(),
    imported: z.boolean().openapi({ description: "It came with an imported workflow, and was never run here" }),
    createdAt: z.string(),
    startedAt: z.string().nullable(),
    completedAt: z.string().nullable(),
    durationMs: z.number().int().nullable(),
    inputTokens: z.number().int(),
    outputTokens: z.number().int(),
    ...costFields,
    unpricedCalls: z.number().int().openapi({ description: "Calls that its cost leaves out: no price, or no usage" }),
  })
  .openapi("Execution");
export type ExecutionView = z.infer<typeof executionSchema>;

/** In a list, where the workflows are not at hand to be named. */
export const listedExecutionSchema = executionSchema.extend({ workflowName: z.string() }).openapi("ListedExecution");
export type ListedExecution = z.infer<typeof listedExecutionSchema>;

const errorSchema = z.object({ code: z.string(), message: z.string() });

export const stepSchema = z
  .object({
    nodeId: z.string(),
    agentId: z.string(),
    name: z.string(),
    status: z.enum(STEP_STATUSES),
    attempts: z.number().int(),
    output: z.string().nullable(),
    outputTruncated: z.boolean().openapi({
      description:
        "Only the beginning is shown: GET /executions/{id}/steps/{nodeId}/output gives the whole text, or what of it an imported file had",
    }),
    error: errorSchema.nullable(),
    provider: z.string().nullable(),
    model: z.string().nullable(),
    fallbackUsed: z.boolean(),
    reused: z.boolean(),
    edgesTaken: z
      .array(z.string())
      .nullable()
      .openapi({ description: "The edges that were taken from it, by id; null unless it succeeded here" }),
    inputTokens: z.number().int(),
    outputTokens: z.number().int(),
    ...costFields,
    startedAt: z.string().nullable(),
    completedAt: z.string().nullable(),
  })
  .openapi("Step");
export type StepView = z.infer<typeof stepSchema>;

export const executionDetailSchema = executionSchema
  .extend({
    input: jsonValueSchema,
    output: z.union([z.string(), z.record(z.string(), z.string())]).nullable(),
    outputTruncated: z.boolean(),
    error: errorSchema.extend({ nodeId: z.string().nullable() }).nullable(),
    steps: z.array(stepSchema),
  })
  .openapi("ExecutionDetail");
export type ExecutionDetail = z.infer<typeof executionDetailSchema>;

export const logSchema = z
  .object({
    at: z.string(),
    level: z.enum(["info", "warn", "error"]),
    message: z.string(),
    nodeId: z.string().nullable(),
    data: z.record(z.string(), jsonValueSchema).nullable(),
  })
  .openapi("LogLine");

const usageSchema = z.object({
  inputTokens: z.number().int(),
  cachedInputTokens: z.number().int(),
  cacheWriteTokens: z.number().int(),
  cacheWrite1hTokens: z.number().int(),
  outputTokens: z.number().int(),
  reasoningTokens: z.number().int(),
});

export const attemptSchema = z
  .object({
    nodeId: z.string(),
    n: z.number().int(),
    provider: z.string(),
    model: z.string(),
    status: z.enum(["succeeded", "failed"]),
    errorKind: z.string().nullable(),
    httpStatus: z.number().int().nullable(),
    waitMs: z.number().int(),
    latencyMs: z.number().int(),
    usage: usageSchema.nullable(),
    costNanoUsd: z.number().int().nullable(),
    reason: z.string(),
    at: z.string(),
  })
  .openapi("Attempt");

export const executionParams = z.object({ id: z.string().max(64) });
export const stepParams = executionParams.extend({ nodeId: z.string().max(64) });
export const pageQuerySchema = z.object(pageQueryFields);

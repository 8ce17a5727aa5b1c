import { z } from "@hono/zod-openapi";
import { pageQueryFields } from "../core/pagination.ts";
import { timeOrDay } from "../core/time-inputs.ts";
import { PROVIDERS } from "./contract.ts";

const name = z.string().min(1);

/** Micro-USD per million tokens; null is not priced apart. */
const classPrices = {
  inputTokenPrice: z.number().int(),
  cachedInputTokenPrice: z.number().int().nullable(),
  cacheWriteTokenPrice: z.number().int().nullable(),
  cacheWrite1hTokenPrice: z.number().int().nullable(),
  outputTokenPrice: z.number().int(),
  reasoningTokenPrice: z.number().int().nullable(),
};

const priceSchema = z.object({
  currency: z.literal("USD"),
  ...classPrices,
  /** Above so many input tokens the whole request is priced like this. */
  tiers: z.array(z.object({ aboveInputTokens: z.number().int(), ...classPrices })),
});

export const modelSchema = z
  .object({
    id: z.string(),
    tier: z.string(),
    contextWindow: z.number().int().nullable(),
    capabilities: z.array(z.string()),
    retiredAt: z.string().nullable(),
    successor: z.string().nullable(),
    price: priceSchema.nullable(),
  })
  .openapi("Model");
export type ModelView = z.infer<typeof modelSchema>;

export const providerSchema = z
  .object({ provider: z.enum(PROVIDERS), configured: z.boolean(), models: z.array(modelSchema) })
  .openapi("Provider");
export type ProviderView = z.infer<typeof providerSchema>;

export const healthSchema = z
  .object({
    provider: z.enum(PROVIDERS),
    state: z.enum(["closed", "open", "half_open"]),
    /** 0 to 1, over the last minute. */
    failureRate: z.number(),
    requests: z.number().int(),
    p50LatencyMs: z.number().nullable(),
    lastError: z.string().nullable(),
    openUntil: z.string().nullable(),
    models: z.array(z.object({ model: z.string(), requests: z.number().int(), p50LatencyMs: z.number().nullable() })),
  })
  .openapi("ProviderHealth");
export type HealthView = z.infer<typeof healthSchema>;

export const fallbackEventQuery = z.object({
  ...pageQueryFields,
  provider: z.enum(PROVIDERS).optional(),
  workflowId: z.string().max(64).optional(),
  from: timeOrDay.optional(),
  to: timeOrDay.optional(),
});
export type FallbackEventQuery = z.infer<typeof fallbackEventQuery>;

export const fallbackEventSchema = z
  .object({
    at: z.string(),
    executionId: z.string(),
    nodeId: z.string(),
    workflowId: z.string(),
    fromProvider: z.string(),
    fromModel: z.string(),
    toProvider: z.string(),
    toModel: z.string(),
    reason: z.string(),
    success: z.boolean(),
  })
  .openapi("FallbackEvent");
export type FallbackEventView = z.infer<typeof fallbackEventSchema>;

/** As much of an agent as routing looks at. A whole agent may be sent: what is not looked at is ignored. */
export const explainSchema = z
  .strictObject({
    agent: z.object({
      provider: name.max(64),
      model: name.max(200),
      prompt: z.string().max(65_536).default(""),
      systemPrompt: z.string().max(65_536).default(""),
      capabilities: z.array(z.string().max(100)).max(50).default([]),
      maxTokens: z.int().min(1).max(200_000).default(1_024),
      fallback: z
        .object({
          enabled: z.boolean().default(true),
          strategy: z.enum(["ordered", "cheapest", "fastest", "balanced"]).default("ordered"),
          targets: z
            .array(
              z.object({
                provider: name.max(64),
                model: name.max(200).optional(),
                weight: z.number().min(0).max(1_000).optional(),
              }),
            )
            .max(10)
            .default([]),
        })
        .optional(),
    }),
  })
  .openapi("ExplainRequest");

export const explanationSchema = z
  .object({
    targets: z.array(z.object({ provider: z.string(), model: z.string(), eligible: z.boolean(), reason: z.string() })),
  })
  .openapi("Explanation");

export const providerParams = z.object({ provider: z.enum(PROVIDERS) });

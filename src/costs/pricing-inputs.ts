import { z } from "@hono/zod-openapi";
import { pageQueryFields } from "../core/pagination.ts";
import { timeOrDay } from "../core/time-inputs.ts";
import { CATALOGUE_PROVIDERS } from "./catalogue-model.ts";

/** Whose calls can be priced: the catalogue's providers, and any server that speaks OpenAI's dialect. */
export const PRICED_PROVIDERS = [...CATALOGUE_PROVIDERS, "openai-compatible"] as const;

const provider = z.enum(PRICED_PROVIDERS);
const model = z.string().trim().min(1, "name the model").max(200);

/** A million dollars for a million tokens: beyond it no cost of a long call could be counted exactly. */
const MAX_PRICE = 1_000_000_000_000;

const price = z
  .int("whole micro-USD per million tokens: $2.50 is 2500000")
  .min(0, "a price is not negative")
  .max(MAX_PRICE, `at most ${MAX_PRICE}: prices are in micro-USD per million tokens`);

const priceFields = {
  inputTokenPrice: price,
  /** Left out, or null: cached input costs what input costs. */
  cachedInputTokenPrice: price.nullish(),
  /** Left out, or null: writing to a cache costs what input costs. */
  cacheWriteTokenPrice: price.nullish(),
  /** Left out, or null: writing to a cache for an hour costs what other writes cost. */
  cacheWrite1hTokenPrice: price.nullish(),
  outputTokenPrice: price,
  /** Left out, or null: reasoning costs what output costs. */
  reasoningTokenPrice: price.nullish(),
};

const tier = z.strictObject({ aboveInputTokens: z.int().min(1), ...priceFields });

const tiers = z
  .array(tier)
  .max(20)
  .superRefine((all, refinement) => {
    for (const [index, { aboveInputTokens }] of all.entries()) {
      const before = all[index - 1]?.aboveInputTokens ?? 0;
      if (aboveInputTokens > before) continue;
      refinement.addIssue({
        code: "custom",
        path: [index, "aboveInputTokens"],
        message: `tiers ascend: this is to be over ${before}`,
      });
    }
  });

/** A price to add. What only GET gives may be sent back and is ignored. */
export const newPriceSchema = z
  .strictObject({
    provider,
    model,
    currency: z.literal("USD", "prices are in USD").optional(),
    effectiveDate: timeOrDay.optional(),
    ...priceFields,
    tiers: tiers.nullish(),
    id: z.unknown(),
    source: z.unknown(),
    createdAt: z.unknown(),
  })
  .partial({ id: true, source: true, createdAt: true })
  .openapi("NewPrice");
export type NewPrice = z.infer<typeof newPriceSchema>;

const shownPrice = z.number().int();
const shownFields = {
  inputTokenPrice: shownPrice,
  cachedInputTokenPrice: shownPrice.optional(),
  cacheWriteTokenPrice: shownPrice.optional(),
  cacheWrite1hTokenPrice: shownPrice.optional(),
  outputTokenPrice: shownPrice,
  reasoningTokenPrice: shownPrice.optional(),
};

export const priceRowSchema = z
  .object({
    /** Null in the catalogue, whose rows have none. */
    id: z.string().nullable(),
    source: z.enum(["catalogue", "workspace"]),
    provider: z.string(),
    model: z.string(),
    currency: z.literal("USD"),
    effectiveDate: z.string(),
    ...shownFields,
    tiers: z.array(z.object({ aboveInputTokens: z.number().int(), ...shownFields })).optional(),
    createdAt: z.string().nullable(),
  })
  .openapi("Price");
export type PriceRow = z.infer<typeof priceRowSchema>;

export const priceQuery = z.object({ ...pageQueryFields, provider: provider.optional(), model: model.optional() });
export type PriceQuery = z.infer<typeof priceQuery>;

/** Which calls to price. What is left out does not limit. */
const repriceFields = {
  provider: provider.optional(),
  model: model.optional(),
  startDate: timeOrDay.optional(),
  endDate: timeOrDay.optional(),
  cursor: z.string().max(4_000).optional(),
};
export const repriceQuery = z.object(repriceFields);
export const repriceSchema = z.strictObject(repriceFields).openapi("Reprice");
export type RepriceRequest = z.infer<typeof repriceSchema>;

export const repricedSchema = z
  .object({
    calls: z.number().int(),
    costNanoUsd: z.number().int(),
    costUsd: z.string(),
    /** Whether there was more than one request works on: send it again with `next` as its `cursor`. */
    more: z.boolean(),
    next: z.string().nullable(),
  })
  .openapi("Repriced");
export type Repriced = z.infer<typeof repricedSchema>;

export const unpricedSchema = z
  .object({
    provider: z.string(),
    model: z.string(),
    reason: z.enum(["no_price", "no_usage"]).openapi({
      description: "no_price: set one and reprice. no_usage: no tokens were counted, though the call may be billed",
    }),
    calls: z.number().int(),
    inputTokens: z.number().int(),
    outputTokens: z.number().int(),
    firstAt: z.string(),
    lastAt: z.string(),
  })
  .openapi("UnpricedModel");
export type UnpricedModel = z.infer<typeof unpricedSchema>;

export const unpricedQuery = z.object({ limit: pageQueryFields.limit });

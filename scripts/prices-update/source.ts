import { findProvider } from "@pydantic/genai-prices";
import { z } from "zod";
import type { CatalogueProvider } from "../../src/costs/catalogue-model.ts";

const rateSchema = z.union([
  z.number(),
  z.object({ base: z.number(), tiers: z.array(z.object({ start: z.number(), price: z.number() })) }),
]);
const ratesSchema = z.record(z.string(), rateSchema);

const modelSchema = z.object({
  id: z.string(),
  context_window: z.number().int().optional(),
  match: z.unknown(),
  /** Either one set of prices, or several of which the later ones hold from a day on. */
  prices: z.union([
    z.array(
      z.object({
        // A constraint of another kind (a time of day) is not understood here, and must stop the script.
        constraint: z.object({ type: z.literal("start_date"), start_date: z.iso.date() }).optional(),
        prices: ratesSchema,
      }),
    ),
    ratesSchema.transform((prices) => [{ constraint: undefined, prices }]),
  ]),
});

/** USD per million tokens: one, or more above a number of input tokens. */
export type SourceRate = z.infer<typeof rateSchema>;
export type SourceModel = z.infer<typeof modelSchema> & { provider: CatalogueProvider };

const SOURCE_IDS = { openai: "openai", anthropic: "anthropic", gemini: "google" } as const;

/** Every model of the three providers, as the installed price data has them. Throws when its shape is not as expected. */
export function readSource(): SourceModel[] {
  return [...read("openai"), ...read("anthropic"), ...read("gemini")];
}

function read(provider: CatalogueProvider): SourceModel[] {
  const found = findProvider({ providerId: SOURCE_IDS[provider] });
  if (!found) throw new Error(`the price data has no provider ${SOURCE_IDS[provider]}`);
  return found.models.map((model) => ({ provider, ...modelSchema.parse(model) }));
}

/** The names that a match rule spells out in full: `equals` and `starts_with`, through any `or`. */
export function spelledNames(match: unknown): string[] {
  const either = z.object({ or: z.array(z.unknown()) }).safeParse(match);
  if (either.success) return either.data.or.flatMap(spelledNames);
  const one = z.union([
    z.object({ equals: z.string() }).transform((rule) => rule.equals),
    z.object({ starts_with: z.string() }).transform((rule) => rule.starts_with),
  ]);
  const parsed = one.safeParse(match);
  return parsed.success ? [parsed.data] : [];
}

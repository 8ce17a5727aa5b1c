import { z } from "zod/mini";
import { isDay } from "../../lib/local-day.ts";

const id = z.string().check(z.minLength(1), z.maxLength(64));
const day = z.string().check(z.refine(isDay));

/** Every provider that a workspace can call. */
export const PROVIDERS = ["openai", "anthropic", "gemini", "openai-compatible"] as const;

/** The filters of the fallback events. Days are the viewer's own. */
export const fallbacksSearch = z.object({
  provider: z.catch(z.optional(z.enum(PROVIDERS)), undefined),
  workflow: z.catch(z.optional(id), undefined),
  from: z.catch(z.optional(day), undefined),
  to: z.catch(z.optional(day), undefined),
});
export type FallbacksSearch = z.infer<typeof fallbacksSearch>;

/** Which prices are shown. */
export const pricesSearch = z.object({
  provider: z.catch(z.optional(z.enum(PROVIDERS)), undefined),
  /** Part of the model's name. */
  q: z.catch(z.optional(z.string().check(z.maxLength(200))), undefined),
  source: z.catch(z.optional(z.enum(["catalogue", "workspace"])), undefined),
  retired: z.catch(z.optional(z.enum(["shown"])), undefined),
});
export type PricesSearch = z.infer<typeof pricesSearch>;

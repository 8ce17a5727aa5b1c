import { z } from "zod";
import type { Usage } from "../contract.ts";

/** A count of tokens as providers send it: absent, null or nonsense is 0 where a part is optional. */
export const optionalCount = z.number().int().nonnegative().catch(0);

/** A count without which there is no usage to speak of. */
export const count = z.number().int().nonnegative();

/**
 * Makes the parts fit into their totals, so that no price is ever applied to a negative rest: a provider that
 * reports more cached tokens than input would otherwise earn its user money.
 */
export function normalised(usage: Usage): Usage {
  const cachedInputTokens = Math.min(usage.cachedInputTokens, usage.inputTokens);
  const uncached = usage.inputTokens - cachedInputTokens;
  const cacheWriteTokens = Math.min(usage.cacheWriteTokens, uncached);
  const cacheWrite1hTokens = Math.min(usage.cacheWrite1hTokens, uncached - cacheWriteTokens);
  const reasoningTokens = Math.min(usage.reasoningTokens, usage.outputTokens);
  return { ...usage, cachedInputTokens, cacheWriteTokens, cacheWrite1hTokens, reasoningTokens };
}

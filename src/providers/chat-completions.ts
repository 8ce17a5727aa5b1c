import { z } from "zod";
import type { FinishReason, Usage } from "./contract.ts";
import type { Reading } from "./rules/judge.ts";
import { count, normalised, optionalCount } from "./rules/usage.ts";

const partSchema = z.object({ type: z.literal("text"), text: z.string() }).transform((part) => part.text);

/** A text, or, with some compatible servers, a list of parts of which some are text. */
const contentSchema = z
  .union([z.string(), z.array(z.union([partSchema, z.unknown().transform(() => "")])).transform((all) => all.join(""))])
  .catch("");

const answerSchema = z.object({
  model: z.string().min(1).nullable().catch(null),
  choices: z
    .array(
      z.object({
        finish_reason: z.string().catch("other"),
        message: z
          .object({ content: contentSchema, refusal: z.string().catch("") })
          .catch({ content: "", refusal: "" }),
      }),
    )
    .catch([]),
  usage: z.unknown().optional(),
});

const usageSchema = z.object({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: optionalCount,
  /** DeepSeek's name for cached input. */
  prompt_cache_hit_tokens: optionalCount,
  prompt_tokens_details: z
    .object({ cached_tokens: optionalCount, cache_write_tokens: optionalCount })
    .catch({ cached_tokens: 0, cache_write_tokens: 0 }),
  completion_tokens_details: z.object({ reasoning_tokens: optionalCount }).catch({ reasoning_tokens: 0 }),
});

/** Reads an answer of the chat completions dialect; `null` when it has not that form. */
export function readChatCompletion(answer: unknown): Reading | null {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) return null;
  const { model, choices, usage } = parsed.data;
  const choice = choices[0];
  return {
    text: choice?.message.content ?? "",
    model,
    finishReason: finishOf(choice?.finish_reason),
    refused: choice !== undefined && choice.message.refusal !== "",
    usage: usageOf(usage),
  };
}

function finishOf(reason: string | undefined): FinishReason {
  return reason === "stop" || reason === "length" || reason === "content_filter" ? reason : "other";
}

function usageOf(value: unknown): Usage | null {
  const parsed = usageSchema.safeParse(value);
  if (!parsed.success) return null;
  const { prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details, prompt_cache_hit_tokens } =
    parsed.data;
  const { reasoning_tokens } = parsed.data.completion_tokens_details;
  // OpenAI counts reasoning inside completion_tokens; xAI counts it beside them, which only the total tells.
  const isBeside = reasoning_tokens > 0 && total_tokens === prompt_tokens + completion_tokens + reasoning_tokens;
  return normalised({
    inputTokens: prompt_tokens,
    cachedInputTokens: prompt_tokens_details.cached_tokens || prompt_cache_hit_tokens,
    cacheWriteTokens: prompt_tokens_details.cache_write_tokens,
    cacheWrite1hTokens: 0,
    outputTokens: completion_tokens + (isBeside ? reasoning_tokens : 0),
    reasoningTokens: reasoning_tokens,
  });
}

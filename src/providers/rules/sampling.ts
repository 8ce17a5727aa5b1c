/**
 * OpenAI's reasoning models (o1 and after, gpt-5 and after, also fine-tuned) answer 400 to `temperature`, `top_p`
 * and `stop`. The chat variants of gpt-5 do not reason and take them.
 */
export function isOpenAiReasoningModel(model: string): boolean {
  return /^(?:ft:)?(?:o\d|gpt-(?:[5-9]|\d{2}))/.test(model) && !model.includes("-chat");
}

/**
 * Anthropic's models after Claude 4.6 refuse sampling settings, and its SDK no longer has a field for them. The
 * older ones are listed by their form, so that a model of tomorrow is asked in the way that it takes.
 */
export function takesAnthropicSampling(model: string): boolean {
  return /^claude-(?:2|3|instant|(?:opus|sonnet|haiku)-4(?:-[0-6])?(?:-\d{8}|-latest|$))/.test(model);
}

/**
 * Sampling as Anthropic takes it: a temperature from 0 to 1 (higher ones become 1), or `top_p`, never both, because
 * its models from 4.1 on refuse the pair.
 */
export function anthropicSampling(
  model: string,
  temperature: number,
  topP: number | null,
): { temperature?: number; top_p?: number } {
  if (!takesAnthropicSampling(model)) return {};
  return topP === null ? { temperature: Math.min(temperature, 1) } : { top_p: topP };
}

/** The text up to the first stop sequence in it, as a model that takes stop sequences would have ended. */
export function cutAtStop(text: string, stopSequences: readonly string[]): string {
  const ends = stopSequences.map((stop) => (stop === "" ? -1 : text.indexOf(stop))).filter((at) => at >= 0);
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends));
}

/** A field of `last` that is known without reading what its steps have written. */
const CHEAP = /\blast\s*\.\s*(?:id|status|ageSeconds|durationMs|version|trigger)\b/g;

/**
 * Whether a condition may look at the output of the last execution, which is the only part of it that takes reading.
 * Told by the text alone and wrong on the safe side: any use of `last` as a whole, of `@` or `*`, or of a quoted name
 * may reach the output.
 */
export function looksAtOutput(expression: string): boolean {
  return /\blast\b|[@*"]/.test(expression.replaceAll(CHEAP, ""));
}

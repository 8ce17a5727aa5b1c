/**
 * The path of a field in words: "systemPrompt" -> "System prompt", "fallback.on.rateLimit" -> "Fallback, on, rate limit".
 */
export function fieldLabel(path: string): string {
  const words = path
    .split(".")
    .map((part) => part.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).trim())
    .join(", ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a field holds, as a text that can be compared line by line. Null where there is nothing. */
export function fieldText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

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

/** What is JSON to those who wrote it. */
const JSON_FIELD = /^(inputSchema|data)(\.|$)/;

/**
 * What a field holds, as a text for people that can be compared line by line: "Yes", a line for each item of a list, "None"
 * for an empty one. Null where there is nothing.
 */
export function fieldText(value: unknown, path: string): string | null {
  if (value === null || value === undefined) return null;
  return JSON_FIELD.test(path) && isMany(value) ? JSON.stringify(value, null, 2) : linesOf(value).join("\n");
}

function linesOf(value: unknown): string[] {
  if (!isMany(value)) return [inWords(value)];
  const parts = Object.entries(value).filter(([, part]) => part !== null && part !== undefined);
  if (parts.length === 0) return ["None"];
  // An item of a list is one line, however many parts it has.
  if (Array.isArray(value)) return parts.map(([, item]) => lineOf(item));
  return parts.flatMap(([name, part]) => {
    const [first = "", ...rest] = linesOf(part);
    const inside = isMany(part) && (!Array.isArray(part) || rest.length > 0);
    return inside
      ? [`${fieldLabel(name)}:`, ...[first, ...rest].map((line) => `  ${line}`)]
      : [`${fieldLabel(name)}: ${first}`];
  });
}

function lineOf(item: unknown): string {
  if (!isMany(item)) return inWords(item);
  if (Array.isArray(item)) return JSON.stringify(item);
  return Object.entries(item)
    .map(([name, part]) => `${fieldLabel(name).toLowerCase()} ${lineOf(part)}`)
    .join(", ");
}

function inWords(value: unknown): string {
  if (typeof value === "boolean") return value ? "Yes" : "No";
  return value === "" ? "Empty" : String(value);
}

function isMany(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

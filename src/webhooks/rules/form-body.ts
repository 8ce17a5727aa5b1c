/** A value that came out of JSON. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/**
 * A form (`application/x-www-form-urlencoded`, WHATWG URL, section 5.1) as an object of texts; a name that repeats
 * becomes a list. A field `payload` that holds JSON is read: alone (GitHub's form, Slack's interactions) it is the
 * whole payload, among others (Slack's) it stays a field. `null` when an escape is broken or is not UTF-8.
 */
export function readForm(text: string): Json | null {
  const fields = new Map<string, Json>();
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = unescaped(at === -1 ? pair : pair.slice(0, at));
    const value = unescaped(at === -1 ? "" : pair.slice(at + 1));
    if (name === null || value === null) return null;
    const before = fields.get(name);
    if (Array.isArray(before)) before.push(value);
    else fields.set(name, before === undefined ? value : [before, value]);
  }
  const payload = fields.get("payload");
  const inner = typeof payload === "string" ? parseObject(payload) : undefined;
  if (inner !== undefined && fields.size === 1) return inner;
  if (inner !== undefined) fields.set("payload", inner);
  // Written as own members: a field named __proto__ must not become anyone's prototype.
  return Object.fromEntries(fields);
}

/** The value of a text if it is JSON and an object or a list: `payload=5` stays the text that it is. */
function parseObject(text: string): Json | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // A text that merely begins like JSON, which is no fault in a form.
    return undefined;
  }
}

function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    // decodeURIComponent says no more than that it cannot.
    return null;
  }
}

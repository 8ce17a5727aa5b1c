/** An object that came out of JSON and whose content nobody here depends on. */
export type JsonObject = Record<string, unknown>;

/** Whether this is an object with members: not an array, not null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The member of this name that the object itself holds. `constructor` and `__proto__` are nobody's own. */
export function ownMember(value: JsonObject, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Bytes of a text in UTF-8, as it is stored and sent. */
export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Whether a text has at most this many bytes in UTF-8. Encodes only when the length leaves it open. */
export function fitsUtf8(text: string, maxBytes: number): boolean {
  if (text.length > maxBytes) return false;
  return text.length * 3 <= maxBytes || utf8Length(text) <= maxBytes;
}

/** How large a JSON value may be. */
export interface JsonLimits {
  /** Of its JSON text in UTF-8. */
  maxBytes: number;
  /** Objects and arrays inside each other. */
  maxDepth: number;
}

/** What stops a value from being JSON within these limits, in words for a person; `null` when nothing does. */
export function jsonFault(value: unknown, limits: JsonLimits): string | null {
  const open: { value: unknown; depth: number }[] = [{ value, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const fault = scalarFault(next.value);
    if (fault !== null) return fault;
    if (typeof next.value !== "object" || next.value === null) continue;
    // Before anything recursive sees it: a text of brackets alone overflows the stack of JSON.stringify.
    if (next.depth >= limits.maxDepth) return `is nested deeper than ${limits.maxDepth} levels`;
    // Copying code that assigns by name would give the copy another prototype.
    if (Object.hasOwn(next.value, "__proto__")) return "holds a member named __proto__";
    for (const member of Object.values(next.value)) open.push({ value: member, depth: next.depth + 1 });
  }
  return fitsUtf8(JSON.stringify(value), limits.maxBytes) ? null : `is larger than ${limits.maxBytes} bytes as JSON`;
}

function scalarFault(value: unknown): string | null {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "object":
    case "undefined":
      return null;
    case "number":
      return Number.isFinite(value) ? null : "holds a number that JSON cannot write";
    default:
      return `holds a ${typeof value}, which JSON cannot write`;
  }
}

/** Names apart by dots, each with list positions behind it if need be: letters of any script, digits, `_` and `-`. */
const DOTTED = /^(?:\$\.)?[\p{L}\p{N}_-]+(?:\[-?\d{1,9}\])*(?:\.[\p{L}\p{N}_-]+(?:\[-?\d{1,9}\])*)*$/u;

/**
 * The steps of a plain dotted path such as `a.0.b`, `user-agent` or `items[0].id`, where JMESPath would read `0` as a
 * mistake and `-` as minus; `null` for any other expression. Minus needs spaces around it: `total - discount`.
 */
export function dottedPath(text: string): string[] | null {
  if (!DOTTED.test(text)) return null;
  return text.replace(/^\$\./, "").replaceAll("]", "").split(/[.[]/);
}

/** What stands at a path's end; `null` when nothing does. Looks at own members only, and at a list by its positions. */
export function valueAt(path: readonly string[], data: unknown): unknown {
  let value = data;
  for (const step of path) {
    if (Array.isArray(value)) value = /^-?\d+$/.test(step) ? value.at(Number(step)) : null;
    else value = memberOf(value, step);
  }
  return value ?? null;
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return null;
  return Reflect.get(value, name);
}

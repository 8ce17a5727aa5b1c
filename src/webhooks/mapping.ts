import type { ErrorDetail } from "../core/errors.ts";
import { compileExpression, evaluateExpression, jsonFault, MAX_EXPRESSION_LENGTH, Work } from "../definitions/index.ts";
import { PAYLOAD_LIMITS } from "./checked-body.ts";
import { dottedPath, valueAt } from "./rules/dotted-path.ts";

/** Fields of an execution's input by name, each with the JMESPath or dotted path that it is taken from. */
export type Mapping = Readonly<Record<string, string>>;

export const MAX_MAPPED_FIELDS = 50;
const MAX_FIELD_LENGTH = 128;
/** Behind a field's name: the call is refused when the payload has no value for it. */
const REQUIRED = "!";

export type Mapped =
  | { ok: true; input: unknown }
  /** Where and why, for a 422. */
  | { ok: false; faults: ErrorDetail[] };

/** What keeps a mapping from being saved, with paths below `path`. Empty when nothing does. */
export function validateMapping(mapping: Mapping, path = "payloadTransformer"): ErrorDetail[] {
  const fields = Object.entries(mapping);
  if (fields.length > MAX_MAPPED_FIELDS) {
    return [{ path, message: `has ${fields.length} fields; ${MAX_MAPPED_FIELDS} are possible.` }];
  }
  const seen = new Set<string>();
  return fields.flatMap(([field, expression]) => {
    const name = nameOf(field);
    const fault = nameFault(name, seen) ?? expressionFault(expression);
    seen.add(name);
    return fault === null ? [] : [{ path: placeOf(path, field), message: fault }];
  });
}

/**
 * The input that a payload makes for an execution: the payload itself without a mapping or with an empty one. All
 * fields share what one expression may cost, so that many together keep the Worker no longer busy than one. Total.
 */
export function applyMapping(mapping: Mapping | null, payload: unknown, path = "payloadTransformer"): Mapped {
  const fields = Object.entries(mapping ?? {});
  if (fields.length === 0) return { ok: true, input: payload };
  const work = new Work();
  const faults: ErrorDetail[] = [];
  const input: [string, unknown][] = [];
  for (const [field, expression] of fields) {
    const found = evaluate(expression, payload, work);
    if (!found.ok) faults.push({ path: placeOf(path, field), message: found.message });
    else if (found.value === null && field.endsWith(REQUIRED)) {
      faults.push({ path: placeOf(path, field), message: `The payload has no value at ${expression}.` });
    } else input.push([nameOf(field), found.value]);
  }
  if (faults.length > 0) return { ok: false, faults };
  const result = Object.fromEntries(input);
  const fault = jsonFault(result, PAYLOAD_LIMITS);
  return fault === null
    ? { ok: true, input: result }
    : { ok: false, faults: [{ path, message: `The input ${fault}.` }] };
}

type Found = { ok: true; value: unknown } | { ok: false; message: string };

function evaluate(expression: string, payload: unknown, work: Work): Found {
  const steps = dottedPath(expression.trim());
  return steps === null ? evaluateExpression(expression, payload, work) : { ok: true, value: valueAt(steps, payload) };
}

function nameOf(field: string): string {
  return field.endsWith(REQUIRED) ? field.slice(0, -REQUIRED.length) : field;
}

function nameFault(name: string, seen: ReadonlySet<string>): string | null {
  if (name.trim() === "") return "needs a name for the field.";
  if (name.length > MAX_FIELD_LENGTH) return `has a name of over ${MAX_FIELD_LENGTH} characters.`;
  if (name === "__proto__") return "cannot be the name of a field.";
  return seen.has(name) ? `is there twice: with ${REQUIRED} and without. Leave one out.` : null;
}

function expressionFault(expression: string): string | null {
  if (dottedPath(expression.trim()) !== null && expression.length <= MAX_EXPRESSION_LENGTH) return null;
  const compiled = compileExpression(expression);
  return compiled.ok ? null : compiled.message;
}

/** `payloadTransformer.title`, or in brackets what a dotted path could not tell apart. */
function placeOf(path: string, field: string): string {
  return /^[\w-]+!?$/.test(field) ? `${path}.${field}` : `${path}[${JSON.stringify(field)}]`;
}

/** Keywords of JSON Schema draft 2020-12 by what stands behind them: one schema. */
export const SINGLE_SCHEMAS: ReadonlySet<string> = new Set([
  "not",
  "if",
  "then",
  "else",
  "items",
  "contains",
  "additionalProperties",
  "propertyNames",
  "unevaluatedItems",
  "unevaluatedProperties",
]);

/** A list of schemas. */
export const LISTED_SCHEMAS: ReadonlySet<string> = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);

/** Schemas by name. `$defs` is not among them: its content counts where a reference uses it. */
export const NAMED_SCHEMAS: ReadonlySet<string> = new Set(["properties", "dependentSchemas"]);

const NO_REGEX = "Regular expressions are not run on inputs. Use enum, const, format, minLength or maxLength.";
const NO_BASE = 'Only references inside this schema are followed: "$ref" with "#/$defs/...".';

/** Keywords that are refused, each with what to do instead. */
export const REFUSED: ReadonlyMap<string, string> = new Map([
  ["pattern", NO_REGEX],
  ["patternProperties", NO_REGEX],
  ["$id", NO_BASE],
  ["id", NO_BASE],
  ["$anchor", NO_BASE],
  ["$dynamicRef", NO_BASE],
  ["$dynamicAnchor", NO_BASE],
  ["$recursiveRef", NO_BASE],
  ["$recursiveAnchor", NO_BASE],
  ["additionalItems", 'Draft 2020-12 has "prefixItems" for the first items and "items" for the others.'],
  ["dependencies", 'Draft 2020-12 has "dependentRequired" and "dependentSchemas".'],
]);

const TYPES = new Set(["array", "boolean", "integer", "null", "number", "object", "string"]);

/** Formats whose check takes linear time. The validator's own "url" takes exponential time on some texts. */
const FORMATS = new Set([
  "date",
  "date-time",
  "time",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "json-pointer",
  "uri",
  "uri-reference",
  "uuid",
]);

const isCount = (value: unknown) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isNumber = (value: unknown) => typeof value === "number";
const isNames = (value: unknown) => Array.isArray(value) && value.every((name) => typeof name === "string");
const isType = (value: unknown) => typeof value === "string" && TYPES.has(value);

const COUNT = { is: isCount, message: "a whole number from 0" };
const NUMBER = { is: isNumber, message: "a number" };

/** Keywords that hold a plain value, and what that value has to be. */
const PLAIN: Record<string, { is: (value: unknown) => boolean; message: string }> = {
  type: {
    is: (value) => isType(value) || (Array.isArray(value) && value.length > 0 && value.every(isType)),
    message: `one or a list of ${[...TYPES].join(", ")}`,
  },
  enum: { is: (value) => Array.isArray(value), message: "a list of values" },
  const: { is: () => true, message: "any value" },
  format: {
    is: (value) => typeof value === "string" && FORMATS.has(value),
    message: `one of ${[...FORMATS].join(", ")}`,
  },
  required: { is: isNames, message: "a list of property names" },
  dependentRequired: {
    is: (value) => typeof value === "object" && value !== null && Object.values(value).every(isNames),
    message: "lists of property names by property name",
  },
  uniqueItems: { is: (value) => typeof value === "boolean", message: "true or false" },
  multipleOf: { is: (value) => typeof value === "number" && value > 0, message: "a number above 0" },
  minimum: NUMBER,
  maximum: NUMBER,
  exclusiveMinimum: NUMBER,
  exclusiveMaximum: NUMBER,
  minLength: COUNT,
  maxLength: COUNT,
  minItems: COUNT,
  maxItems: COUNT,
  minContains: COUNT,
  maxContains: COUNT,
  minProperties: COUNT,
  maxProperties: COUNT,
};

/** The names of all keywords that hold a plain value. */
export const PLAIN_KEYWORDS: ReadonlySet<string> = new Set(Object.keys(PLAIN));

/** What is wrong with a plain keyword's value; `null` when nothing is. */
export function keywordFault(keyword: string, value: unknown): string | null {
  const rule = PLAIN[keyword];
  return rule === undefined || rule.is(value) ? null : `"${keyword}" is ${rule.message}.`;
}

import { type OutputUnit, type Schema, Validator } from "@cfworker/json-schema";
import type { ErrorDetail } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import { readSchema } from "./schema-reader.ts";

const FAULTS_SHOWN = 50;
/** Parts of the schema times parts of the input: no check looks at one part with one part of the schema twice. */
const MAX_CHECKS = 20_000_000;
/** `uniqueItems` compares each item with each other. */
const MAX_COMPARED_ITEMS = 2_000;

/** Keywords whose report only says that something inside them was reported. */
const WRAPPERS = new Set([
  "properties",
  "additionalProperties",
  "unevaluatedProperties",
  "items",
  "prefixItems",
  "unevaluatedItems",
  "allOf",
  "if",
  "dependentSchemas",
]);

/** Every reason why this JSON Schema cannot be used for inputs, with its place in the schema. Empty when it can. */
export function inputSchemaFaults(schema: JsonObject): ErrorDetail[] {
  const read = readSchema(schema);
  return read.ok ? [] : read.faults;
}

/**
 * What an input breaks of a workflow's `inputSchema` (JSON Schema draft 2020-12), each with its path in the input
 * (`items[2].name`; empty for the input itself). At most 50 faults. No input counts as null. Total and bounded: an input
 * that is too large for its schema is a fault too.
 */
export function checkInput(schema: JsonObject, input: unknown): ErrorDetail[] {
  const read = readSchema(schema);
  if (!read.ok)
    return read.faults.map(({ message }) => ({ path: "", message: `The input schema is unusable: ${message}` }));
  const size = measure(input);
  if (size.parts * read.subschemas > MAX_CHECKS) {
    return [{ path: "", message: "The input is too large to be checked against this schema. Send less of it." }];
  }
  if (read.comparesItems && size.longestArray > MAX_COMPARED_ITEMS) {
    return [{ path: "", message: `Lists that must not repeat an item may have ${MAX_COMPARED_ITEMS} items at most.` }];
  }
  return validate(read.schema, input ?? null)
    .filter(({ keyword }) => !WRAPPERS.has(keyword))
    .slice(0, FAULTS_SHOWN)
    .map((unit) => ({ path: pathOf(unit.instanceLocation, input), message: messageOf(unit) }));
}

function validate(schema: Schema, input: unknown): OutputUnit[] {
  try {
    return new Validator(schema, "2020-12", false).validate(input).errors;
  } catch (error) {
    // Names that are no well-formed Unicode, and nesting beyond the stack, make the validator throw.
    const reason = error instanceof Error ? error.message : String(error);
    return [
      { keyword: "", keywordLocation: "#", instanceLocation: "#", error: `The input cannot be checked: ${reason}` },
    ];
  }
}

function messageOf({ keyword, error }: OutputUnit): string {
  if (keyword === "false") return "This field is not allowed here.";
  // The validator words this one like its opposite.
  return keyword === "maxProperties" ? error.replace("does not have at least", "has more than") : error;
}

/** `#/items/2/first%20name` -> `items[2].first name`: a number is an index where the input has an array. */
function pathOf(pointer: string, input: unknown): string {
  let place = input;
  let path = "";
  for (const token of pointer.split("/").slice(1)) {
    const name = decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(place)) {
      path += `[${name}]`;
      place = place[Number(name)];
    } else {
      path += path === "" ? name : `.${name}`;
      place = isJsonObject(place) ? place[name] : undefined;
    }
  }
  return path;
}

function measure(input: unknown): { parts: number; longestArray: number } {
  const open = [input];
  let parts = 0;
  let longestArray = 0;
  while (open.length > 0) {
    const part = open.pop();
    parts += 1;
    if (typeof part !== "object" || part === null) continue;
    if (Array.isArray(part)) longestArray = Math.max(longestArray, part.length);
    for (const member of Object.values(part)) open.push(member);
  }
  return { parts, longestArray };
}

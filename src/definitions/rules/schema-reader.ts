import type { Schema } from "@cfworker/json-schema";
import type { ErrorDetail } from "../../core/errors.ts";
import { isJsonObject, type JsonObject, jsonFault, ownMember } from "./json.ts";
import {
  keywordFault,
  LISTED_SCHEMAS,
  NAMED_SCHEMAS,
  PLAIN_KEYWORDS,
  REFUSED,
  SINGLE_SCHEMAS,
} from "./schema-keywords.ts";

/** Of a schema as it is written. */
export const SCHEMA_LIMITS = { maxBytes: 64 * 1024, maxDepth: 32 };

/** Subschemas that remain once every `$ref` is replaced by what it points at: bounds the work of one check. */
export const MAX_SUBSCHEMAS = 2_000;

/** A schema that is safe to run, or why there is none. */
export type ReadSchema =
  | {
      ok: true;
      schema: Schema;
      /** How many schemas it is made of, itself among them. */
      subschemas: number;
      /** Whether somewhere all items of an array are compared with each other. */
      comparesItems: boolean;
    }
  | { ok: false; faults: ErrorDetail[] };

/**
 * Reads a JSON Schema (draft 2020-12) into a copy that is safe to run on anyone's input: only keywords that the
 * validator checks, each of the type that the standard gives it, and every `$ref` replaced by its target, so that
 * neither a recursive schema nor one that doubles at each level can keep the validator busy. Refused: `pattern` and
 * `patternProperties` (a regular expression can take exponential time), references that leave the schema or come back
 * to themselves, and keywords that change what a reference means. Unknown keywords are annotations and are dropped.
 */
export function readSchema(source: JsonObject): ReadSchema {
  const fault = jsonFault(source, SCHEMA_LIMITS);
  if (fault !== null) return { ok: false, faults: [{ path: "", message: `The schema ${fault}.` }] };
  const reading: Reading = { source, faults: [], subschemas: 0, comparesItems: false, references: new Set() };
  const schema = readSubschema(source, "", reading);
  return reading.faults.length > 0 || typeof schema === "boolean"
    ? { ok: false, faults: reading.faults }
    : { ok: true, schema, subschemas: reading.subschemas, comparesItems: reading.comparesItems };
}

interface Reading {
  source: JsonObject;
  faults: ErrorDetail[];
  subschemas: number;
  comparesItems: boolean;
  /** The references that are being replaced now, one inside the other. */
  references: Set<string>;
}

function readSubschema(value: unknown, path: string, reading: Reading): Schema | boolean {
  reading.subschemas += 1;
  if (reading.subschemas > MAX_SUBSCHEMAS) {
    if (reading.subschemas === MAX_SUBSCHEMAS + 1) {
      const message = `The schema has more than ${MAX_SUBSCHEMAS} parts once its references are followed. Simplify it.`;
      reading.faults.push({ path, message });
    }
    return true;
  }
  if (typeof value === "boolean") return value;
  if (!isJsonObject(value)) {
    reading.faults.push({ path, message: "A schema is an object, true or false." });
    return true;
  }
  const copy: Schema = {};
  for (const [keyword, content] of Object.entries(value))
    readKeyword(copy, keyword, content, join(path, keyword), reading);
  const reference = ownMember(value, "$ref");
  if (reference !== undefined) {
    const target = readReference(reference, join(path, "$ref"), reading);
    copy.allOf = [...(copy.allOf ?? []), typeof target === "boolean" ? (target ? {} : { not: {} }) : target];
  }
  return copy;
}

function readKeyword(copy: Schema, keyword: string, content: unknown, path: string, reading: Reading): void {
  const refusal = REFUSED.get(keyword);
  if (refusal !== undefined) {
    reading.faults.push({ path, message: refusal });
  } else if (SINGLE_SCHEMAS.has(keyword)) {
    copy[keyword] = readSubschema(content, path, reading);
  } else if (LISTED_SCHEMAS.has(keyword)) {
    if (Array.isArray(content) && content.length > 0) {
      copy[keyword] = content.map((each, index) => readSubschema(each, `${path}[${index}]`, reading));
    } else reading.faults.push({ path, message: `"${keyword}" is a list of at least one schema.` });
  } else if (NAMED_SCHEMAS.has(keyword)) {
    if (isJsonObject(content)) {
      const members = Object.entries(content);
      copy[keyword] = Object.fromEntries(
        members.map(([name, each]) => [name, readSubschema(each, join(path, name), reading)]),
      );
    } else reading.faults.push({ path, message: `"${keyword}" is an object of schemas by name.` });
  } else if (PLAIN_KEYWORDS.has(keyword)) {
    const fault = keywordFault(keyword, content);
    if (keyword === "uniqueItems" && content === true) reading.comparesItems = true;
    if (fault === null) copy[keyword] = content;
    else reading.faults.push({ path, message: fault });
  }
}

function readReference(reference: unknown, path: string, reading: Reading): Schema | boolean {
  const target = typeof reference === "string" ? resolve(reading.source, reference) : undefined;
  if (typeof reference !== "string" || target === undefined) {
    reading.faults.push({ path, message: 'A "$ref" points at a place of this same schema, like "#/$defs/address".' });
    return true;
  }
  if (reading.references.has(reference) || reference === "#" || reading.references.size >= SCHEMA_LIMITS.maxDepth) {
    reading.faults.push({
      path,
      message: `"${reference}" leads back to itself. A schema for inputs cannot be recursive.`,
    });
    return true;
  }
  reading.references.add(reference);
  const schema = readSubschema(target, path, reading);
  reading.references.delete(reference);
  return schema;
}

/** What a JSON Pointer in a URI fragment points at (RFC 6901, section 6); undefined when nothing is there. */
function resolve(source: JsonObject, reference: string): unknown {
  if (reference === "#") return source;
  if (!reference.startsWith("#/") || /%(?![0-9a-fA-F]{2})/.test(reference)) return undefined;
  let place: unknown = source;
  for (const token of reference.slice(2).split("/")) {
    const name = unescapeToken(token);
    if (name === null || typeof place !== "object" || place === null || !Object.hasOwn(place, name)) return undefined;
    place = Array.isArray(place) ? place[Number(name)] : isJsonObject(place) ? place[name] : undefined;
  }
  return place;
}

function unescapeToken(token: string): string | null {
  try {
    return decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    // Percent signs that do not spell UTF-8 name nothing: the caller reports the reference as a fault.
    return null;
  }
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

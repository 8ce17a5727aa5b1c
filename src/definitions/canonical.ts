import { DomainError } from "../core/errors.ts";
import { sha256Hex } from "../core/hash.ts";
import type { Definition } from "./inputs.ts";
import { fitsUtf8, isJsonObject } from "./rules/json.ts";

/** Of the canonical JSON in UTF-8. A D1 row holds 2 MB. */
export const MAX_DEFINITION_BYTES = 1024 * 1024;

/**
 * The one text that all equal documents share, after RFC 8785: no white space, members sorted by the UTF-16 code units
 * of their names, numbers and strings as JSON.stringify writes them. Members that are undefined are left out, so that
 * an optional field that is absent and one that is undefined are the same. Arrays keep their order: it is the order in
 * which nodes are shown and ties are decided. Parsing the text and writing it again gives the same bytes.
 */
export function canonicalJson(definition: Definition): string {
  return write(definition);
}

/** Lower-case hex of the SHA-256 of a definition's canonical JSON: the name of its snapshot. */
export function contentHash(definition: Definition): Promise<string> {
  return sha256Hex(canonicalJson(definition));
}

/** Throws `body_too_large` for a definition that could not be stored in one row. */
export function assertDefinitionSize(definition: Definition): void {
  if (fitsUtf8(canonicalJson(definition), MAX_DEFINITION_BYTES)) return;
  throw new DomainError(
    "body_too_large",
    `The workflow is larger than ${MAX_DEFINITION_BYTES} bytes as JSON. Shorten prompts or split it into several workflows.`,
  );
}

/** Written by hand: JSON.stringify puts names that look like integers first, whatever order they were set in. */
function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => write(item ?? null)).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  return `{${names
    .sort()
    .map((name) => `${JSON.stringify(name)}:${write(value[name])}`)
    .join(",")}}`;
}

import type { ErrorDetail } from "../../core/errors.ts";
import type { JsonObject } from "./json.ts";
import { readSchema } from "./schema-reader.ts";

/** Every reason why this JSON Schema cannot be used for inputs, with its place in the schema. Empty when it can. */
export function inputSchemaFaults(schema: JsonObject): ErrorDetail[] {
  const read = readSchema(schema);
  return read.ok ? [] : read.faults;
}

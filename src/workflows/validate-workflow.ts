import { type Definition, validateDefinition } from "../definitions/index.ts";
import { PROVIDERS } from "../providers/index.ts";

/** Every fault of a definition that keeps it from being executed, with its path, and warnings that do not. */
export function validateWorkflow(definition: Definition) {
  return validateDefinition(definition, { providers: PROVIDERS });
}

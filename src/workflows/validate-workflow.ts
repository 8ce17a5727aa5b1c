import { type Definition, validateDefinition } from "../definitions/index.ts";
import { PROVIDERS } from "../providers/index.ts";
import type { Loss } from "../versions/index.ts";

/**
 * Every fault of a definition that keeps it from being executed, with its path, and warnings that do not. What was
 * left out when it was read is such a fault: an edge that lost its condition would be taken always.
 */
export function validateWorkflow(definition: Definition, losses: readonly Loss[] = []) {
  const { valid, errors, warnings } = validateDefinition(definition, { providers: PROVIDERS });
  return { valid: valid && losses.length === 0, errors: [...losses, ...errors], warnings };
}

import type { Definition } from "../inputs.ts";
import type { FaultCode, Finding, Findings, WarningCode } from "./findings.ts";
import { graphOf } from "./graph.ts";
import { checkEdges, checkNodes } from "./validate-graph.ts";
import { checkAgents, checkConditions } from "./validate-text.ts";

export type { FaultCode, Finding, WarningCode } from "./findings.ts";

export interface Validation {
  /** Whether the workflow can be run: there are no errors. Warnings do not count. */
  valid: boolean;
  errors: Finding<FaultCode>[];
  warnings: Finding<WarningCode>[];
}

export interface ValidationContext {
  /** The names of the providers that agents may use. */
  providers: readonly string[];
}

/** Finds every fault of a definition that its schema admits, each with its place. Total; never stops at the first. */
export function validateDefinition(definition: Definition, { providers }: ValidationContext): Validation {
  const graph = graphOf(definition);
  const findings: Findings = { errors: [], warnings: [] };
  checkNodes(definition, graph, findings);
  checkEdges(definition, graph, findings);
  checkAgents(definition, graph, providers, findings);
  checkConditions(definition, graph, findings);
  return { valid: findings.errors.length === 0, ...findings };
}

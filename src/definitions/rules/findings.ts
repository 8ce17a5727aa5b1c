import type { ErrorDetail } from "../../core/errors.ts";

/** What stops a workflow from being run. */
export type FaultCode =
  | "empty_workflow"
  | "cycle"
  | "self_loop"
  | "dangling_edge"
  | "node_without_agent"
  | "agent_without_node"
  | "duplicate_agent"
  | "unknown_provider"
  | "bad_template"
  | "bad_condition"
  | "unknown_step"
  | "not_an_ancestor";

/** What a person probably did not mean. */
export type WarningCode = "duplicate_edge" | "isolated_node" | "no_instructions";

/** One thing that was found, with its place: `agents[1].prompt`. */
export interface Finding<Code> extends ErrorDetail {
  code: Code;
}

/** Takes findings in, so that each check only says what it saw. */
export interface Findings {
  errors: Finding<FaultCode>[];
  warnings: Finding<WarningCode>[];
}

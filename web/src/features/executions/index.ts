export { RunWorkflow } from "./run-workflow.tsx";
export { useWorkflowNames } from "./workflow-names.ts";

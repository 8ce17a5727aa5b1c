export { InputForm } from "./input-form.tsx";
export { RunWorkflow } from "./run-workflow.tsx";
export { useWorkflowNames, workflowQuery } from "./workflow-names.ts";

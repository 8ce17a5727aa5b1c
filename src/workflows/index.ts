export { createWorkflow } from "./create-workflow.ts";
export { deleteWorkflow } from "./delete-workflow.ts";
export { type WorkflowView, workflowSchema } from "./inputs.ts";
export { getWorkflow, listWorkflows, type StoredWorkflow } from "./read-workflows.ts";
export { type Restored, restoreVersion } from "./restore-version.ts";
export { saveWorkflow } from "./save-workflow.ts";
export { type DraftEvent, type DraftFeed, tellDrafts } from "./tell-draft.ts";
export { validateWorkflow } from "./validate-workflow.ts";

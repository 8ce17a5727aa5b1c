export { defaultTarget } from "./default-target.ts";
export { type Workflow, workflowQuery } from "./queries.ts";

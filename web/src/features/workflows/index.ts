export { type Workflow, workflowQuery } from "./queries.ts";

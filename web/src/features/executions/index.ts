export { RunWorkflow } from "./run-workflow.tsx";

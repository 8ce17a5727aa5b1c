export { CloneWorkflow } from "./clone-workflow.tsx";
export { ExportWorkflow } from "./export-workflow.tsx";

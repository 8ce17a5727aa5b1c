export type { Agent, Definition, Edge, WorkflowNode } from "../definitions/index.ts";

export type { Graph } from "../definitions/index.ts";

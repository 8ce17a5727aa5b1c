export * from "./inputs.ts";
export { ancestorsOf, type Graph, type GraphSource, graphOf, topologicalOrder } from "./rules/graph.ts";

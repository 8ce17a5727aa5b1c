import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Loaded } from "../../ui/index.ts";
import { type GraphSource, ReadableGraph } from "../graph/index.ts";
import { definitionQuery, type ExecutionDetail } from "./queries.ts";
import { edgeMarks, nodeMarks } from "./run-marks.ts";

/** There from the start, so that nothing moves when the graph is loaded. */
const HEIGHT = "288px";

interface ExecutionGraphProps {
  execution: ExecutionDetail;
  /** The node of the step that is shown below. */
  selected: string | undefined;
  onSelect: (nodeId: string | undefined) => void;
}

/** The graph of the version that is executed, lit up as it goes. A node selects its step. */
export function ExecutionGraph({ execution, selected, onSelect }: ExecutionGraphProps) {
  const version = useQuery(definitionQuery(execution.versionId));
  return (
    <Loaded query={version} title="The graph could not be loaded" skeleton={<Skeleton height={HEIGHT} />}>
      {({ workflowData }) => (
        <Lit graph={workflowData} steps={execution.steps} selected={selected} onSelect={onSelect} />
      )}
    </Loaded>
  );
}

interface LitProps extends Omit<ExecutionGraphProps, "execution"> {
  graph: GraphSource;
  steps: ExecutionDetail["steps"];
}

function Lit({ graph, steps, selected, onSelect }: LitProps) {
  const marks = useMemo(() => nodeMarks(steps), [steps]);
  const run = useMemo(() => edgeMarks(graph.edges, steps), [graph, steps]);
  const selection = useMemo(() => ({ nodes: selected === undefined ? [] : [selected], edges: [] }), [selected]);
  return (
    <ReadableGraph
      label="Graph of the execution"
      height={HEIGHT}
      graph={graph}
      marks={marks}
      edgeMarks={run}
      selection={selection}
      onSelect={({ nodes }) => onSelect(nodes.at(-1))}
    />
  );
}

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Loaded } from "../../ui/index.ts";
import { GraphPlace, type GraphSource, ReadableGraph } from "../graph/index.ts";
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
    <Loaded query={version} title="The graph could not be loaded" skeleton={<GraphPlace height={HEIGHT} />}>
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
  const shown = useMemo(() => ({ ...graph, agents: asked(graph.agents, steps) }), [graph, steps]);
  const marks = useMemo(() => nodeMarks(steps), [steps]);
  const run = useMemo(() => edgeMarks(graph.edges, steps), [graph, steps]);
  const selection = useMemo(() => ({ nodes: selected === undefined ? [] : [selected], edges: [] }), [selected]);
  return (
    <ReadableGraph
      label="Graph of the execution"
      height={HEIGHT}
      graph={shown}
      marks={marks}
      edgeMarks={run}
      selection={selection}
      onSelect={({ nodes }) => onSelect(nodes.at(-1))}
    />
  );
}

/** The agents with the model that answered, which is another one where a fallback took over. */
function asked(agents: GraphSource["agents"], steps: ExecutionDetail["steps"]): GraphSource["agents"] {
  const stepOf = new Map(steps.map((step) => [step.nodeId, step]));
  return agents.map((agent) => {
    const { provider, model } = stepOf.get(agent.nodeId) ?? {};
    // The same object as long as it says the same: another one would be drawn again.
    const same = provider === agent.provider && model === agent.model;
    return provider && model && !same ? { ...agent, provider, model } : agent;
  });
}

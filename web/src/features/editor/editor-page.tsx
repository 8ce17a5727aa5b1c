import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type Column, DataTable, EmptyState, Loaded, ModelChip } from "../../ui/index.ts";
import { type Workflow, workflowQuery } from "../workflows/index.ts";

const route = getRouteApi("/inside/workflows/$workflowId");
type Agent = Workflow["agents"][number];

const COLUMNS: Column<Agent>[] = [
  { id: "name", header: "Agent", cell: ({ name }) => <b>{name}</b> },
  { id: "role", header: "Role", width: "160px", low: true, cell: ({ role }) => role },
  { id: "model", header: "Model", width: "320px", cell: (agent) => <ModelChip {...agent} /> },
];

/** A workflow's draft: its agents. */
export function EditorPage() {
  const { workflowId } = route.useParams();
  const workflow = useQuery(workflowQuery(workflowId));
  return (
    <Loaded query={workflow} title="The workflow could not be loaded">
      {({ agents }) => (
        <DataTable
          label="Agents"
          columns={COLUMNS}
          list={{
            rows: agents,
            error: null,
            retry: () => void workflow.refetch(),
            more: null,
            loadingMore: false,
          }}
          rowKey={({ id }) => id}
          empty={
            <EmptyState title="No agents yet">An agent is one node of the graph: a model with a prompt.</EmptyState>
          }
        />
      )}
    </Loaded>
  );
}

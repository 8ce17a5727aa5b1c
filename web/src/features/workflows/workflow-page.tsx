import { Button, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "../../api/me.ts";
import { type Column, DataTable, EmptyState, Loaded, ModelChip, notifyFailed, Page, PageLink } from "../../ui/index.ts";
import { EXAMPLE_INPUT } from "./example.ts";
import { useExecute, type Workflow, workflowQuery } from "./queries.ts";

const route = getRouteApi("/inside/workflows/$workflowId");
type Agent = Workflow["agents"][number];

const COLUMNS: Column<Agent>[] = [
  { id: "name", header: "Agent", cell: ({ name }) => <b>{name}</b> },
  { id: "role", header: "Role", width: "160px", low: true, cell: ({ role }) => role },
  { id: "model", header: "Model", width: "320px", cell: (agent) => <ModelChip {...agent} /> },
];

/** One workflow: its agents, and the way to execute it. */
export function WorkflowPage() {
  const { workflowId } = route.useParams();
  const workflow = useQuery(workflowQuery(workflowId));
  return (
    <Page
      title={workflow.data?.name ?? "Workflow"}
      crumbs={[
        <PageLink key="list" to="/workflows">
          Workflows
        </PageLink>,
      ]}
      sentence={workflow.data?.description ?? undefined}
    >
      <Loaded query={workflow} title="The workflow could not be loaded">
        {(loaded) => (
          <>
            <Execute workflowId={workflowId} />
            <DataTable
              label="Agents"
              columns={COLUMNS}
              list={{
                rows: loaded.agents,
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
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Execute({ workflowId }: { workflowId: string }) {
  const navigate = useNavigate();
  const mayRun = useCan("executions.run");
  const execute = useExecute();
  const [input, setInput] = useState(EXAMPLE_INPUT);
  const [key, setKey] = useState(() => crypto.randomUUID());
  if (!mayRun) return null;
  const start = () =>
    execute.mutate(
      { workflowId, input, key },
      {
        onSuccess: ({ executionId }) => void navigate({ to: "/executions/$executionId", params: { executionId } }),
        onError: (error) => {
          setKey(crypto.randomUUID());
          notifyFailed(error, "The workflow was not executed. Your input is kept.");
        },
      },
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <Textarea
        label="Input"
        autosize
        minRows={2}
        mb="sm"
        value={input}
        onChange={(event) => {
          setInput(event.currentTarget.value);
          setKey(crypto.randomUUID());
        }}
      />
      <Button type="submit" loading={execute.isPending}>
        Execute
      </Button>
    </form>
  );
}

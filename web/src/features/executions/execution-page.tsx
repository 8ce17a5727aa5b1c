import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import {
  CodeText,
  type Column,
  DataTable,
  Duration,
  EmptyState,
  JsonView,
  Loaded,
  Missing,
  ModelChip,
  Money,
  Page,
  PageLink,
  RelativeTime,
  ShortId,
  StatusBadge,
  Tokens,
} from "../../ui/index.ts";
import { type ExecutionDetail, executionQuery } from "./queries.ts";

const route = getRouteApi("/inside/executions/$executionId");
type Step = ExecutionDetail["steps"][number];

const COLUMNS: Column<Step>[] = [
  { id: "name", header: "Step", cell: ({ name }) => <b>{name}</b> },
  { id: "status", header: "Status", width: "128px", cell: ({ status }) => <StatusBadge status={status} /> },
  {
    id: "model",
    header: "Model",
    width: "280px",
    low: true,
    cell: ({ provider, model }) =>
      provider === null || model === null ? <Missing /> : <ModelChip provider={provider} model={model} />,
  },
  {
    id: "tokens",
    header: "Tokens",
    align: "right",
    width: "80px",
    cell: ({ inputTokens, outputTokens }) => <Tokens count={inputTokens + outputTokens} />,
  },
  { id: "cost", header: "Cost", align: "right", width: "112px", cell: (step) => <Money nanoUsd={step.costNanoUsd} /> },
];

/** One execution: its state and steps as they go, and what came out. */
export function ExecutionPage() {
  const { executionId } = route.useParams();
  const execution = useQuery(executionQuery(executionId));
  return (
    <Page
      title="Execution"
      crumbs={[
        <PageLink key="list" to="/workflows">
          Workflows
        </PageLink>,
        ...(execution.data
          ? [
              <PageLink key="one" to="/workflows/$workflowId" params={{ workflowId: execution.data.workflowId }}>
                Version {execution.data.version}
              </PageLink>,
            ]
          : []),
      ]}
      beside={execution.data && <Summary execution={execution.data} />}
    >
      <Loaded query={execution} title="The execution could not be loaded">
        {(loaded) => (
          <>
            <DataTable
              label="Steps"
              columns={COLUMNS}
              list={{
                rows: loaded.steps,
                error: null,
                retry: () => void execution.refetch(),
                more: null,
                loadingMore: false,
              }}
              rowKey={({ nodeId }) => nodeId}
              empty={<EmptyState title="No steps">This execution had nothing to do.</EmptyState>}
            />
            {loaded.output !== null &&
              (typeof loaded.output === "string" ? (
                <CodeText text={loaded.output} what="output" />
              ) : (
                <JsonView value={loaded.output} what="output" />
              ))}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Summary({ execution }: { execution: ExecutionDetail }) {
  return (
    <Group gap="md">
      <StatusBadge status={execution.status} />
      <Duration ms={execution.durationMs} />
      <Money nanoUsd={execution.costNanoUsd} />
      <RelativeTime at={execution.createdAt} />
      <ShortId id={execution.id} />
    </Group>
  );
}

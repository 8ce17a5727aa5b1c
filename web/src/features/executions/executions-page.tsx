import { Button } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "../../api/me.ts";
import {
  type Column,
  DataTable,
  Duration,
  EmptyState,
  type Filter,
  FilterBar,
  Money,
  Page,
  PageLink,
  RelativeTime,
  ShortId,
  StatusBadge,
  Tokens,
  useCommands,
} from "../../ui/index.ts";
import { type Execution, useExecutions } from "./queries.ts";
import { RunWorkflow } from "./run-workflow.tsx";
import { executionsSearch } from "./search.ts";
import { useWorkflowNames } from "./workflow-names.ts";

const route = getRouteApi("/inside/executions");

const STATUSES = [
  { value: "queued", label: "Queued" },
  { value: "running", label: "Running" },
  { value: "succeeded", label: "Succeeded" },
  { value: "failed", label: "Failed" },
  { value: "cancelled", label: "Cancelled" },
] as const;

const TRIGGERS = [
  { value: "manual", label: "By hand" },
  { value: "schedule", label: "Schedule" },
  { value: "webhook", label: "Webhook" },
  { value: "retry", label: "Retry" },
] as const;

/** The workspace's executions as they come and go, newest first. */
export function ExecutionsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const list = useExecutions(search);
  const workflows = useWorkflowNames();
  const mayRun = useCan("executions.run");
  const [running, setRunning] = useState(false);
  useCommands(
    mayRun ? [{ id: "run", label: "Run workflow", group: "This page", keys: "c", run: () => setRunning(true) }] : [],
  );
  const filters: Filter<keyof typeof search>[] = [
    {
      kind: "choice",
      name: "workflow",
      label: "Workflow",
      options: (workflows ?? []).map(({ id, name }) => ({ value: id, label: name })),
    },
    { kind: "choice", name: "status", label: "Status", options: STATUSES },
    { kind: "choice", name: "trigger", label: "Trigger", options: TRIGGERS },
    { kind: "date", name: "from", label: "From" },
    { kind: "date", name: "to", label: "To" },
  ];
  const filtered = Object.values(search).some((value) => value !== undefined);
  const columns: Column<Execution>[] = [
    {
      id: "workflow",
      header: "Workflow",
      cell: (execution) => (
        <PageLink to="/executions/$executionId" params={{ executionId: execution.id }}>
          {execution.workflowName}
        </PageLink>
      ),
    },
    { id: "version", header: "Version", align: "right", width: "72px", low: true, cell: ({ version }) => version },
    { id: "status", header: "Status", width: "128px", cell: ({ status }) => <StatusBadge status={status} /> },
    { id: "trigger", header: "Trigger", width: "104px", low: true, cell: ({ trigger }) => triggerWord(trigger.type) },
    { id: "took", header: "Took", align: "right", width: "96px", cell: (it) => <Duration ms={it.durationMs} /> },
    {
      id: "tokens",
      header: "Tokens",
      align: "right",
      width: "80px",
      low: true,
      cell: (it) => <Tokens count={it.inputTokens + it.outputTokens} />,
    },
    { id: "cost", header: "Cost", align: "right", width: "104px", cell: (it) => <Money nanoUsd={it.costNanoUsd} /> },
    {
      id: "created",
      header: "Created",
      align: "right",
      width: "112px",
      cell: ({ createdAt }) => <RelativeTime at={createdAt} />,
    },
    { id: "id", header: "Id", align: "right", width: "120px", low: true, cell: ({ id }) => <ShortId id={id} /> },
  ];
  const run = mayRun && <Button onClick={() => setRunning(true)}>Run workflow</Button>;
  return (
    <Page
      title="Executions"
      sentence="Each run of a workflow, whoever or whatever started it."
      action={run}
      filters={
        <FilterBar
          filters={filters}
          values={search}
          onChange={(changed) =>
            // The schema lets what does not fit fall away, and tells the values apart.
            void navigate({ search: (old) => executionsSearch.parse({ ...old, ...changed }), replace: true })
          }
        />
      }
    >
      <DataTable
        label="Executions"
        columns={columns}
        list={list}
        rowKey={({ id }) => id}
        onOpen={({ id }) => void navigate({ to: "/executions/$executionId", params: { executionId: id } })}
        errorTitle="The executions could not be loaded"
        empty={
          filtered ? (
            <EmptyState
              title="No executions fit"
              action={
                <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                  Show all executions
                </Button>
              }
            >
              None of the workspace's executions is as the filters ask.
            </EmptyState>
          ) : (
            <EmptyState title="No executions yet" action={run}>
              An execution is one run of a workflow: started by hand, by a schedule or by a webhook.
            </EmptyState>
          )
        }
      />
      <RunWorkflow opened={running} onClose={() => setRunning(false)} workflowId={search.workflow} />
    </Page>
  );
}

function triggerWord(type: Execution["trigger"]["type"]): string {
  return TRIGGERS.find(({ value }) => value === type)?.label ?? type;
}

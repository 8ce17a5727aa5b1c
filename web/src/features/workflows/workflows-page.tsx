import { Button, Group } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "../../api/me.ts";
import {
  type Column,
  DataTable,
  EmptyState,
  Missing,
  Page,
  PageLink,
  RelativeTime,
  StatusBadge,
  useCommands,
} from "../../ui/index.ts";
import { NewFromTemplate } from "../templates/index.ts";
import { CreateWorkflow } from "./create-workflow.tsx";
import { ExampleButton } from "./example-button.tsx";
import { useLastExecutions, useWorkflows, type Workflow } from "./queries.ts";
import { RowMenu } from "./row-menu.tsx";
import { type WorkflowDialog, WorkflowDialogs } from "./workflow-dialogs.tsx";

/** The workspace's workflows. The page that others are modelled on. */
export function WorkflowsPage() {
  const list = useWorkflows();
  const lastOf = useLastExecutions(list.rows?.map(({ id }) => id) ?? []);
  const navigate = useNavigate();
  const mayEdit = useCan("workflows.edit");
  const mayDelete = useCan("workflows.delete");
  const [creating, setCreating] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const [dialog, setDialog] = useState<WorkflowDialog | null>(null);
  const open = (workflow: Workflow) =>
    void navigate({ to: "/workflows/$workflowId", params: { workflowId: workflow.id } });
  useCommands([
    ...(mayEdit
      ? [
          { id: "create", label: "Create workflow", group: "This page", keys: "c", run: () => setCreating(true) },
          { id: "template", label: "New from template", group: "This page", keys: "t", run: () => setChoosing(true) },
        ]
      : []),
    ...(list.rows ?? []).map((workflow) => ({
      id: workflow.id,
      label: workflow.name,
      group: "Workflows",
      run: () => open(workflow),
    })),
  ]);

  const columns: Column<Workflow>[] = [
    {
      id: "name",
      header: "Name",
      cell: (workflow) => (
        <PageLink to="/workflows/$workflowId" params={{ workflowId: workflow.id }}>
          {workflow.name}
        </PageLink>
      ),
    },
    { id: "agents", header: "Agents", align: "right", width: "80px", low: true, cell: ({ agents }) => agents.length },
    { id: "version", header: "Version", width: "160px", cell: (workflow) => <VersionCell workflow={workflow} /> },
    { id: "last", header: "Last execution", width: "240px", cell: ({ id }) => <LastExecution last={lastOf(id)} /> },
    {
      id: "updated",
      header: "Saved",
      align: "right",
      width: "112px",
      low: true,
      cell: ({ updatedAt }) => <RelativeTime at={updatedAt} />,
    },
    ...(mayEdit || mayDelete
      ? [
          {
            id: "menu",
            header: "",
            align: "right" as const,
            width: "48px",
            cell: (workflow: Workflow) => <RowMenu workflow={workflow} onChoose={setDialog} />,
          },
        ]
      : []),
  ];

  return (
    <Page
      title="Workflows"
      sentence="Graphs of agents, committed like code and executed by hand, on a schedule or from a webhook."
      action={
        mayEdit && (
          <>
            <Button variant="default" onClick={() => setChoosing(true)}>
              New from template
            </Button>
            <Button onClick={() => setCreating(true)}>Create workflow</Button>
          </>
        )
      }
    >
      <DataTable
        label="Workflows"
        columns={columns}
        list={list}
        rowKey={({ id }) => id}
        onOpen={open}
        errorTitle="The workflows could not be loaded"
        empty={
          <EmptyState
            title="No workflows yet"
            action={
              mayEdit && (
                <Group gap="sm">
                  <ExampleButton />
                  <Button variant="default" onClick={() => setChoosing(true)}>
                    Choose a template
                  </Button>
                  <Button variant="default" onClick={() => setCreating(true)}>
                    Start with an empty one
                  </Button>
                </Group>
              )
            }
          >
            {mayEdit
              ? "A workflow is a graph of agents, each a model with a prompt. Start from an example of three agents, and execute it right away."
              : "A workflow is a graph of agents, each a model with a prompt. An editor of this workspace can create one."}
          </EmptyState>
        }
      />
      <CreateWorkflow opened={creating} onClose={() => setCreating(false)} />
      <NewFromTemplate opened={choosing} onClose={() => setChoosing(false)} />
      <WorkflowDialogs dialog={dialog} onClose={() => setDialog(null)} />
    </Page>
  );
}

function VersionCell({ workflow: { headVersion, dirty } }: { workflow: Workflow }) {
  if (!headVersion) return <span className="sw-muted">Never committed</span>;
  return (
    <>
      {headVersion.version}
      {dirty && <span className="sw-muted"> with changes</span>}
    </>
  );
}

function LastExecution({ last }: { last: ReturnType<ReturnType<typeof useLastExecutions>> }) {
  if (last === undefined) return <Missing />;
  if (last === null) return <span className="sw-muted">Never executed</span>;
  return (
    <Group gap="xs" wrap="nowrap">
      <PageLink to="/executions/$executionId" params={{ executionId: last.id }} underline="hover">
        <StatusBadge status={last.status} />
      </PageLink>
      <span className="sw-muted">
        <RelativeTime at={last.createdAt} />
      </span>
    </Group>
  );
}

import { Button } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Outlet, useMatchRoute } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "../../api/me.ts";
import { ButtonLink, Page, PageLink, StateBadge, TabLink, Tabs, useCommands } from "../../ui/index.ts";
import { RunWorkflow } from "../executions/index.ts";
import { CommitVersion } from "../versions/index.ts";
import { type Workflow, workflowQuery } from "./queries.ts";
import { WorkflowMenu } from "./workflow-menu.tsx";

const route = getRouteApi("/inside/workflows/$workflowId");

/** The frame around all pages of one workflow: its name, its parts as tabs, and the way to run it. */
export function WorkflowPage() {
  const { workflowId } = route.useParams();
  const workflow = useQuery(workflowQuery(workflowId));
  const mayRun = useCan("executions.run");
  const onCanvas = useMatchRoute()({ to: "/workflows/$workflowId" }) !== false;
  const [running, setRunning] = useState(false);
  useCommands(
    mayRun
      ? [{ id: "run", label: "Run workflow", group: "This workflow", keys: "r", run: () => setRunning(true) }]
      : [],
  );
  return (
    <Page
      title={workflow.data?.name ?? "Workflow"}
      crumbs={[
        <PageLink key="list" to="/workflows">
          Workflows
        </PageLink>,
      ]}
      sentence={workflow.data?.description ?? undefined}
      beside={<div className="sw-facts">{workflow.data && <State workflow={workflow.data} />}</div>}
      wide={onCanvas}
      action={
        <>
          <ButtonLink variant="default" to="/executions" search={{ workflow: workflowId }}>
            Executions
          </ButtonLink>
          {workflow.data && <WorkflowMenu workflow={workflow.data} />}
          {workflow.data && <CommitVersion workflow={workflow.data} />}
          {workflow.data && mayRun && <Button onClick={() => setRunning(true)}>Run workflow</Button>}
        </>
      }
      tabs={
        <Tabs label="Workflow">
          <TabLink to="/workflows/$workflowId" params={{ workflowId }} exact>
            Editor
          </TabLink>
          <TabLink to="/workflows/$workflowId/versions" params={{ workflowId }}>
            Versions
          </TabLink>
          <TabLink to="/workflows/$workflowId/compare" params={{ workflowId }}>
            Compare
          </TabLink>
          <TabLink to="/workflows/$workflowId/schedules" params={{ workflowId }}>
            Schedules
          </TabLink>
          <TabLink to="/workflows/$workflowId/webhooks" params={{ workflowId }}>
            Webhooks
          </TabLink>
        </Tabs>
      }
    >
      <Outlet />
      <RunWorkflow opened={running} onClose={() => setRunning(false)} workflowId={workflowId} />
    </Page>
  );
}

/** Which version the draft goes on from, and whether it has moved on since. */
function State({ workflow: { headVersion, dirty } }: { workflow: Workflow }) {
  return (
    <>
      <span>{headVersion === null ? "No version yet" : `Version ${headVersion.version}`}</span>
      {dirty && (
        <StateBadge meaning="none" icon={IconPencil}>
          Changes not committed
        </StateBadge>
      )}
    </>
  );
}

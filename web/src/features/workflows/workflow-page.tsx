import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Outlet, useMatchRoute } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "../../api/me.ts";
import { ButtonLink, Page, PageLink, TabLink, Tabs, useCommands } from "../../ui/index.ts";
import { RunWorkflow } from "../executions/index.ts";
import { workflowQuery } from "./queries.ts";
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
      wide={onCanvas}
      action={
        <>
          <ButtonLink variant="default" to="/executions" search={{ workflow: workflowId }}>
            Executions
          </ButtonLink>
          {workflow.data && <WorkflowMenu workflow={workflow.data} />}
          {mayRun && <Button onClick={() => setRunning(true)}>Run workflow</Button>}
        </>
      }
      tabs={
        <Tabs label="Workflow">
          <TabLink to="/workflows/$workflowId" params={{ workflowId }} exact>
            Editor
          </TabLink>
        </Tabs>
      }
    >
      <Outlet />
      <RunWorkflow opened={running} onClose={() => setRunning(false)} workflowId={workflowId} />
    </Page>
  );
}

import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { Duration, Loaded, Money, Page, PageLink, RelativeTime, ShortId, StatusBadge, Tokens } from "../../ui/index.ts";
import { ExecutionActions } from "./execution-actions.tsx";
import { ExecutionGraph } from "./execution-graph.tsx";
import { type ExecutionDetail, executionQuery, useAttempts } from "./queries.ts";
import { Failure, ResultPanel } from "./result-panel.tsx";
import { Timeline } from "./timeline.tsx";
import { useClock } from "./use-clock.ts";
import { useLivePatches } from "./use-live-patches.ts";
import { useWorkflowNames } from "./workflow-names.ts";
import "./executions.css";

const route = getRouteApi("/inside/executions/$executionId");

/** One execution: its steps as they go, what came out, and what it took. */
export function ExecutionPage() {
  const { executionId } = route.useParams();
  const execution = useQuery(executionQuery(executionId));
  useLivePatches(executionId);
  const workflowId = execution.data?.workflowId;
  const name = useWorkflowNames()?.find(({ id }) => id === workflowId)?.name ?? "Workflow";
  return (
    <Page
      title="Execution"
      crumbs={[
        <PageLink key="list" to="/executions">
          Executions
        </PageLink>,
        workflowId === undefined ? (
          "Workflow"
        ) : (
          <PageLink key="workflow" to="/workflows/$workflowId" params={{ workflowId }}>
            {name}
          </PageLink>
        ),
      ]}
      beside={<div className="sw-facts">{execution.data && <Facts execution={execution.data} />}</div>}
      action={execution.data && <ExecutionActions key={executionId} execution={execution.data} />}
    >
      <Loaded query={execution} title="The execution could not be loaded">
        {(loaded) => <Body key={executionId} execution={loaded} />}
      </Loaded>
    </Page>
  );
}

function Facts({ execution }: { execution: ExecutionDetail }) {
  const { trigger, retryOf } = execution;
  const now = useClock(execution.completedAt === null);
  return (
    <>
      <StatusBadge status={execution.status} />
      <Duration ms={execution.durationMs ?? runningFor(execution, now)} />
      <Money nanoUsd={execution.costNanoUsd} />
      <span>
        <Tokens count={execution.inputTokens + execution.outputTokens} /> tokens
      </span>
      <span className="sw-muted">
        <PageLink
          to="/workflows/$workflowId/compare"
          params={{ workflowId: execution.workflowId }}
          search={{ from: execution.version, to: "draft" }}
          underline="always"
          title="What the draft has changed since"
        >
          Version {execution.version}
        </PageLink>
        , {TRIGGERS[trigger.type]} <RelativeTime at={execution.createdAt} />
      </span>
      {retryOf !== null && (
        <Group gap="md">
          <PageLink to="/executions/$executionId" params={{ executionId: retryOf }}>
            Retry of an earlier one
          </PageLink>
          <PageLink to="/executions/compare" search={{ left: retryOf, right: execution.id }}>
            Compare both
          </PageLink>
        </Group>
      )}
      <ShortId id={execution.id} />
    </>
  );
}

/** How long an execution has been under way (ms); null before it starts. */
function runningFor({ startedAt }: ExecutionDetail, now: number): number | null {
  return startedAt === null ? null : Math.max(0, now - Date.parse(startedAt));
}

const TRIGGERS = {
  manual: "started by hand",
  schedule: "started by a schedule",
  webhook: "started by a webhook",
  retry: "retried",
} as const satisfies Record<ExecutionDetail["trigger"]["type"], string>;

function Body({ execution }: { execution: ExecutionDetail }) {
  const { step: selected, tab = "output" } = route.useSearch();
  const navigate = route.useNavigate();
  const attempts = useAttempts(execution.id);
  // What is looked at is part of the address, and no reason to move the page.
  const show = (changed: { step?: string | undefined; tab?: typeof tab }) =>
    void navigate({ search: (old) => ({ ...old, ...changed }), replace: true, resetScroll: false });
  const { error } = execution;
  // Why it failed stands first; for those who watch it fail, under what they look at, which must not move.
  const [watched] = useState(execution.completedAt === null);
  const failure = error && (
    <Failure message={error.message} code={error.code}>
      {error.nodeId !== null && <span>in step {nameOf(execution, error.nodeId)}</span>}
    </Failure>
  );
  return (
    <>
      {!watched && failure}
      <ExecutionGraph execution={execution} selected={selected} onSelect={(step) => show({ step })} />
      <Timeline
        execution={execution}
        attempts={attempts.rows ?? []}
        selected={selected}
        onSelect={(step) => show({ step })}
      />
      {watched && failure}
      <ResultPanel
        execution={execution}
        attempts={attempts}
        step={execution.steps.find(({ nodeId }) => nodeId === selected)}
        tab={tab}
        onTab={(next) => show({ tab: next })}
        onWhole={() => show({ step: undefined })}
      />
    </>
  );
}

function nameOf({ steps }: ExecutionDetail, nodeId: string): string {
  return steps.find((step) => step.nodeId === nodeId)?.name ?? nodeId;
}

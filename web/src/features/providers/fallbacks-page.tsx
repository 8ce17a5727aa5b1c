import { Button } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { keys } from "../../api/keys.ts";
import { useLiveRefresh } from "../../api/live.tsx";
import {
  type Column,
  DataTable,
  EmptyState,
  type Filter,
  FilterBar,
  ModelChip,
  Page,
  PageLink,
  providerName,
  RelativeTime,
  StateBadge,
} from "../../ui/index.ts";
import { useWorkflowNames } from "../executions/index.ts";
import { ProvidersTabs } from "./providers-tabs.tsx";
import { type Fallback, useFallbacks } from "./queries.ts";
import { reasonWords } from "./reason-words.ts";
import { fallbacksSearch, PROVIDERS } from "./search.ts";

const route = getRouteApi("/inside/providers/fallbacks");

/** Where steps left one target for another, newest first. */
export function FallbacksPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const list = useFallbacks(search);
  const workflows = useWorkflowNames();
  useLiveRefresh(keys.fallbacks.all, ({ type }) => type === "step");
  const nameOf = (workflowId: string) => workflows?.find(({ id }) => id === workflowId)?.name ?? workflowId.slice(-8);
  const filters: Filter<keyof typeof search>[] = [
    {
      kind: "choice",
      name: "provider",
      label: "Provider",
      options: PROVIDERS.map((value) => ({ value, label: providerName(value) })),
    },
    {
      kind: "choice",
      name: "workflow",
      label: "Workflow",
      searchable: true,
      options: (workflows ?? []).map(({ id, name }) => ({ value: id, label: name })),
    },
    { kind: "date", name: "from", label: "From" },
    { kind: "date", name: "to", label: "To" },
  ];
  const columns: Column<Fallback>[] = [
    {
      id: "step",
      header: "Step",
      cell: (event) => (
        <PageLink
          to="/executions/$executionId"
          params={{ executionId: event.executionId }}
          search={{ step: event.nodeId, tab: "attempts" }}
        >
          {nameOf(event.workflowId)}, {event.nodeId}
        </PageLink>
      ),
    },
    { id: "from", header: "From", cell: (it) => <ModelChip provider={it.fromProvider} model={it.fromModel} /> },
    { id: "reason", header: "Because", width: "168px", cell: ({ reason }) => reasonWords(reason) },
    { id: "to", header: "To", cell: (it) => <ModelChip provider={it.toProvider} model={it.toModel} /> },
    {
      id: "success",
      header: "Outcome",
      width: "112px",
      cell: ({ success }) => (
        <StateBadge meaning={success ? "succeeded" : "failed"}>{success ? "Answered" : "Failed too"}</StateBadge>
      ),
    },
    { id: "at", header: "When", align: "right", width: "104px", cell: ({ at }) => <RelativeTime at={at} /> },
  ];
  const filtered = Object.values(search).some((value) => value !== undefined);
  return (
    <Page
      title="Fallback events"
      sentence="Each time that a step left one target for another, with why, and whether that one answered."
      tabs={<ProvidersTabs />}
      filters={
        <FilterBar
          filters={filters}
          values={search}
          onChange={(changed) =>
            void navigate({ search: (old) => fallbacksSearch.parse({ ...old, ...changed }), replace: true })
          }
        />
      }
    >
      <DataTable
        label="Fallback events"
        columns={columns}
        list={list}
        rowKey={({ executionId, nodeId, at, toProvider, toModel }) =>
          [executionId, nodeId, at, toProvider, toModel].join()
        }
        onOpen={({ executionId, nodeId }) =>
          void navigate({
            to: "/executions/$executionId",
            params: { executionId },
            search: { step: nodeId, tab: "attempts" },
          })
        }
        errorTitle="The fallback events could not be loaded"
        empty={
          filtered ? (
            <EmptyState
              title="No fallback events fit"
              action={
                <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                  Show all fallback events
                </Button>
              }
            >
              None of the workspace's fallbacks is as the filters ask.
            </EmptyState>
          ) : (
            <EmptyState title="No fallback so far">
              When a provider fails, a step goes on with the next target of its agent. Each such turn stands here.
            </EmptyState>
          )
        }
      />
    </Page>
  );
}

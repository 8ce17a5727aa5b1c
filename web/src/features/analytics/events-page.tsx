import { Button } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { EmptyState, type Filter, FilterBar, Page } from "../../ui/index.ts";
import { AnalyticsTabs } from "./analytics-tabs.tsx";
import { EventTable } from "./event-table.tsx";
import { EVENT_NAMES } from "./event-words.ts";
import { useEvents } from "./queries.ts";
import { eventsSearch } from "./search.ts";

const route = getRouteApi("/inside/analytics/events");

/** What a person should know of the workspace, newest first. */
export function EventsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const list = useEvents(search);
  const filters: Filter<keyof typeof search>[] = [
    {
      kind: "choice",
      name: "type",
      label: "Kind of event",
      options: Object.entries(EVENT_NAMES).map(([value, label]) => ({ value, label })),
    },
    { kind: "date", name: "from", label: "From" },
    { kind: "date", name: "to", label: "To" },
  ];
  const filtered = Object.values(search).some((value) => value !== undefined);
  return (
    <Page
      title="Events"
      sentence="What a person should know: budgets that were reached, schedules that stopped, secrets that were rotated, jobs that failed."
      tabs={<AnalyticsTabs />}
      filters={
        <FilterBar
          filters={filters}
          values={search}
          onChange={(changed) =>
            void navigate({ search: (old) => eventsSearch.parse({ ...old, ...changed }), replace: true })
          }
        />
      }
    >
      <EventTable
        label="Events"
        list={list}
        empty={
          filtered ? (
            <EmptyState
              title="No events fit"
              action={
                <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                  Show all events
                </Button>
              }
            >
              None of the workspace's events is as the filters ask.
            </EmptyState>
          ) : (
            <EmptyState title="Nothing to know yet">
              When a budget is reached, a schedule stops or a secret is rotated, it is told here, for 400 days.
            </EmptyState>
          )
        }
      />
    </Page>
  );
}

import { useNavigate } from "@tanstack/react-router";
import { shortId } from "../../lib/ids.ts";
import { type Column, DataTable, EmptyState, Missing, PageLink, RelativeTime, Section } from "../../ui/index.ts";
import { type Run, type Schedule, useRuns } from "./queries.ts";
import { RunState } from "./schedule-state.tsx";
import { dayAndTime } from "./zone-time.ts";

/** What became of each time at which a schedule was to run, newest first. */
export function RunHistory({ schedule }: { schedule: Schedule }) {
  const navigate = useNavigate();
  const list = useRuns(schedule.id);
  const columns: Column<Run>[] = [
    {
      id: "for",
      header: "Scheduled for",
      width: "184px",
      cell: ({ scheduledFor }) => (
        <span className="sw-number" title={schedule.timezone}>
          {dayAndTime(Date.parse(scheduledFor), schedule.timezone)}
        </span>
      ),
    },
    { id: "state", header: "State", width: "128px", cell: (run) => <RunState {...run} /> },
    {
      id: "attempt",
      header: "Attempt",
      align: "right",
      width: "80px",
      low: true,
      cell: ({ attempt }) => <span className="sw-number">{attempt}</span>,
    },
    { id: "note", header: "Note", cell: ({ note }) => note ?? "" },
    {
      id: "execution",
      header: "Execution",
      align: "right",
      width: "128px",
      cell: ({ executionId }) =>
        executionId === null ? (
          <Missing />
        ) : (
          <PageLink to="/executions/$executionId" params={{ executionId }}>
            <span className="sw-mono">{shortId(executionId)}</span>
          </PageLink>
        ),
    },
    {
      id: "ago",
      header: "When",
      align: "right",
      width: "112px",
      low: true,
      cell: ({ scheduledFor }) => <RelativeTime at={scheduledFor} />,
    },
  ];
  return (
    <Section title="History" sentence="What became of each time that it came due. The newest 1,000 runs are kept.">
      <DataTable
        label="History"
        columns={columns}
        list={list}
        rowKey={({ scheduledFor, attempt }) => `${scheduledFor} ${attempt}`}
        onOpen={({ executionId }) =>
          executionId !== null && void navigate({ to: "/executions/$executionId", params: { executionId } })
        }
        errorTitle="The history could not be loaded"
        empty={
          <EmptyState title="It has not run yet">
            Each time that it comes due stands here, with the execution that it became, or a note that says why not.
          </EmptyState>
        }
      />
    </Section>
  );
}

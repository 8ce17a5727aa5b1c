import { type Column, PageLink, RelativeTime } from "../../ui/index.ts";
import type { Schedule } from "./queries.ts";
import { ScheduleMenu } from "./schedule-menu.tsx";
import { ScheduleState, whenOf } from "./schedule-state.tsx";

interface ColumnOptions<Row> {
  nameOf: (workflowId: string) => string | undefined;
  /** Undefined for those who may not change anything. */
  onDelete: ((schedule: Row) => void) | undefined;
}

/** What a list says of each schedule. */
export function scheduleColumns<Row extends Schedule>({ nameOf, onDelete }: ColumnOptions<Row>): Column<Row>[] {
  return [
    {
      id: "when",
      header: "When",
      cell: (schedule) => (
        <PageLink
          to="/workflows/$workflowId/schedules/$scheduleId"
          params={{ workflowId: schedule.workflowId, scheduleId: schedule.id }}
        >
          {whenOf(schedule, nameOf)}
        </PageLink>
      ),
    },
    {
      id: "zone",
      header: "Time zone",
      width: "160px",
      low: true,
      cell: ({ timezone, after }) => (after === null ? timezone.replaceAll("_", " ") : ""),
    },
    { id: "state", header: "State", width: "104px", cell: (schedule) => <ScheduleState {...schedule} /> },
    {
      id: "next",
      header: "Next run",
      align: "right",
      width: "112px",
      cell: ({ nextRunAt }) => <RelativeTime at={nextRunAt} />,
    },
    {
      id: "last",
      header: "Last run",
      align: "right",
      width: "112px",
      low: true,
      cell: ({ lastRunAt }) => <RelativeTime at={lastRunAt} />,
    },
    {
      id: "count",
      header: "Executions",
      align: "right",
      width: "96px",
      low: true,
      cell: ({ executionCount }) => <span className="sw-number">{executionCount}</span>,
    },
    ...(onDelete
      ? [
          {
            id: "menu",
            header: "",
            align: "right" as const,
            width: "48px",
            cell: (schedule: Row) => (
              <ScheduleMenu schedule={schedule} when={whenOf(schedule, nameOf)} onDelete={() => onDelete(schedule)} />
            ),
          },
        ]
      : []),
  ];
}

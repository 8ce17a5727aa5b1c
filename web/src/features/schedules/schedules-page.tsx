import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "../../api/me.ts";
import { ButtonLink, type Column, DataTable, EmptyState, Loaded, Page, PageLink, Section } from "../../ui/index.ts";
import { useWorkflowNames } from "../executions/index.ts";
import { DeleteSchedule } from "./delete-schedule.tsx";
import { type ListedSchedule, upcomingQuery, useAllSchedules } from "./queries.ts";
import { scheduleColumns } from "./schedule-columns.tsx";
import { WeekCalendar } from "./week-calendar.tsx";
import { viewerZone } from "./zone-time.ts";
import "./schedules.css";

/** What comes in the next seven days, and every schedule of the workspace. */
export function SchedulesPage() {
  const zone = viewerZone();
  const navigate = useNavigate();
  const list = useAllSchedules();
  const upcoming = useQuery(upcomingQuery(zone));
  const names = useWorkflowNames();
  const mayEdit = useCan("triggers.edit");
  const [deleting, setDeleting] = useState<ListedSchedule | null>(null);
  const columns: Column<ListedSchedule>[] = [
    {
      id: "workflow",
      header: "Workflow",
      cell: ({ workflowId, workflowName }) => (
        <PageLink to="/workflows/$workflowId/schedules" params={{ workflowId }}>
          {workflowName}
        </PageLink>
      ),
    },
    ...scheduleColumns<ListedSchedule>({
      nameOf: (id) => names?.find((each) => each.id === id)?.name,
      onDelete: mayEdit ? setDeleting : undefined,
    }),
  ];
  return (
    <Page title="Schedules" sentence="When workflows run by themselves.">
      {list.rows?.length === 0 ? (
        <EmptyState title="No schedules yet" action={<ButtonLink to="/workflows">Go to workflows</ButtonLink>}>
          A schedule runs a workflow at chosen times, or after another workflow has succeeded. Open a workflow, and
          create one under its Schedules.
        </EmptyState>
      ) : (
        <>
          <Section title="Next seven days" sentence={`By your clock: ${zone.replaceAll("_", " ")}.`}>
            <Loaded
              query={upcoming}
              title="What comes next could not be loaded"
              skeleton={<Skeleton height={240} aria-label="Loading" />}
            >
              {(week) => (
                <>
                  <WeekCalendar upcoming={week} />
                  {week.more && (
                    <p className="sw-muted">Only the 200 schedules that come next are shown in the calendar.</p>
                  )}
                </>
              )}
            </Loaded>
          </Section>
          <Section title="All schedules">
            <DataTable
              label="All schedules"
              columns={columns}
              list={list}
              rowKey={({ id }) => id}
              onOpen={({ id, workflowId }) =>
                void navigate({
                  to: "/workflows/$workflowId/schedules/$scheduleId",
                  params: { workflowId, scheduleId: id },
                })
              }
              errorTitle="The schedules could not be loaded"
              empty={null}
            />
          </Section>
        </>
      )}
      <DeleteSchedule schedule={deleting} onClose={() => setDeleting(null)} />
    </Page>
  );
}

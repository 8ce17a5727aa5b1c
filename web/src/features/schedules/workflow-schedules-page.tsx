import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "../../api/me.ts";
import { ButtonLink, DataTable, EmptyState, Section, useCommands } from "../../ui/index.ts";
import { useWorkflowNames } from "../executions/index.ts";
import { DeleteSchedule } from "./delete-schedule.tsx";
import { type Schedule, useSchedules } from "./queries.ts";
import { scheduleColumns } from "./schedule-columns.tsx";

const route = getRouteApi("/inside/workflows/$workflowId/schedules");

/** A workflow's schedules. */
export function WorkflowSchedulesPage() {
  const { workflowId } = route.useParams();
  const navigate = useNavigate();
  const list = useSchedules(workflowId);
  const names = useWorkflowNames();
  const mayEdit = useCan("triggers.edit");
  const [deleting, setDeleting] = useState<Schedule | null>(null);
  const toNew = { to: "/workflows/$workflowId/schedules/new", params: { workflowId } } as const;
  useCommands(
    mayEdit
      ? [
          {
            id: "create-schedule",
            label: "Create schedule",
            group: "This page",
            keys: "c",
            run: () => void navigate(toNew),
          },
        ]
      : [],
  );
  const create = mayEdit && <ButtonLink {...toNew}>Create schedule</ButtonLink>;
  const empty = list.rows?.length === 0;
  return (
    <Section title="Schedules" sentence="When this workflow runs by itself." action={!empty && create}>
      <DataTable
        label="Schedules"
        columns={scheduleColumns<Schedule>({
          nameOf: (id) => names?.find((each) => each.id === id)?.name,
          onDelete: mayEdit ? setDeleting : undefined,
        })}
        list={list}
        rowKey={({ id }) => id}
        onOpen={({ id }) =>
          void navigate({ to: "/workflows/$workflowId/schedules/$scheduleId", params: { workflowId, scheduleId: id } })
        }
        errorTitle="The schedules could not be loaded"
        empty={
          <EmptyState title="No schedules yet" action={create}>
            {mayEdit
              ? "A schedule runs this workflow at times that you choose, by the clocks of any time zone, or after another workflow has succeeded."
              : "A schedule runs this workflow at chosen times, or after another workflow has succeeded. An editor of this workspace can create one."}
          </EmptyState>
        }
      />
      <DeleteSchedule schedule={deleting} onClose={() => setDeleting(null)} />
    </Section>
  );
}

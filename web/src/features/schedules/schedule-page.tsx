import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "../../api/me.ts";
import { ButtonLink, Loaded, PageLink, Section, useCommands } from "../../ui/index.ts";
import { useWorkflowNames } from "../executions/index.ts";
import { ComingRuns } from "./coming-runs.tsx";
import { DeleteSchedule } from "./delete-schedule.tsx";
import { type Schedule, scheduleQuery } from "./queries.ts";
import { RunHistory } from "./run-history.tsx";
import { ScheduleFacts } from "./schedule-facts.tsx";
import { ScheduleState, whenOf } from "./schedule-state.tsx";
import { usePause } from "./use-pause.ts";
import "./schedules.css";

const route = getRouteApi("/inside/workflows/$workflowId/schedules/$scheduleId");

/** One schedule: what it does, what comes next, and what became of each time. */
export function SchedulePage() {
  const { scheduleId } = route.useParams();
  const schedule = useQuery(scheduleQuery(scheduleId));
  return (
    <Loaded query={schedule} title="The schedule could not be loaded">
      {(loaded) => <Shown schedule={loaded} />}
    </Loaded>
  );
}

function Shown({ schedule }: { schedule: Schedule }) {
  const navigate = useNavigate();
  const names = useWorkflowNames();
  const mayEdit = useCan("triggers.edit");
  const pause = usePause();
  const [deleting, setDeleting] = useState(false);
  const { workflowId, id: scheduleId, enabled } = schedule;
  const toEdit = {
    to: "/workflows/$workflowId/schedules/$scheduleId/edit",
    params: { workflowId, scheduleId },
  } as const;
  const nameOf = (id: string) => names?.find((each) => each.id === id)?.name;
  const group = "This page";
  useCommands(
    mayEdit
      ? [
          {
            id: "pause",
            label: enabled ? "Pause schedule" : "Resume schedule",
            group,
            keys: "p",
            run: () => pause(schedule),
          },
          { id: "edit", label: "Edit schedule", group, keys: "e", run: () => void navigate(toEdit) },
          { id: "delete", label: "Delete schedule", group, run: () => setDeleting(true) },
        ]
      : [],
  );
  return (
    <>
      <Section
        title={whenOf(schedule, nameOf)}
        sentence={
          <Group gap="md" component="span">
            <ScheduleState {...schedule} />
            <PageLink to="/workflows/$workflowId/schedules" params={{ workflowId }}>
              All schedules of this workflow
            </PageLink>
          </Group>
        }
        action={
          mayEdit && (
            <>
              <Button variant="default" color="red" onClick={() => setDeleting(true)}>
                Delete
              </Button>
              <ButtonLink variant="default" {...toEdit}>
                Edit
              </ButtonLink>
              <Button onClick={() => pause(schedule)}>{enabled ? "Pause" : "Resume"}</Button>
            </>
          )
        }
      >
        <ScheduleFacts schedule={schedule} nameOf={nameOf} />
      </Section>
      <ComingRuns schedule={schedule} />
      <RunHistory schedule={schedule} />
      <DeleteSchedule
        schedule={deleting ? schedule : null}
        onClose={() => setDeleting(false)}
        onDeleted={() => void navigate({ to: "/workflows/$workflowId/schedules", params: { workflowId } })}
      />
    </>
  );
}

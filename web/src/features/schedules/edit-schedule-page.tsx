import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Loaded, notifyDone, Section } from "../../ui/index.ts";
import { draftOf } from "./draft.ts";
import { scheduleQuery } from "./queries.ts";
import { ScheduleForm } from "./schedule-form.tsx";

const route = getRouteApi("/inside/workflows/$workflowId/schedules/$scheduleId/edit");

/** Where a schedule is changed. */
export function EditSchedulePage() {
  const { workflowId, scheduleId } = route.useParams();
  const navigate = useNavigate();
  const schedule = useQuery(scheduleQuery(scheduleId));
  const back = { to: "/workflows/$workflowId/schedules/$scheduleId", params: { workflowId, scheduleId } } as const;
  return (
    <Section title="Edit schedule" sentence="Saved changes count at once: the next run is computed from now.">
      <Loaded query={schedule} title="The schedule could not be loaded">
        {(loaded) => (
          <ScheduleForm
            workflowId={workflowId}
            scheduleId={scheduleId}
            initial={draftOf(loaded)}
            input={loaded.input}
            onSaved={() => {
              notifyDone("Saved the schedule.");
              void navigate({ ...back, ignoreBlocker: true });
            }}
            onCancel={() => void navigate(back)}
          />
        )}
      </Loaded>
    </Section>
  );
}

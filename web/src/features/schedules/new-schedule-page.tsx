import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { notifyDone, Section } from "../../ui/index.ts";
import { newDraft } from "./draft.ts";
import { ScheduleForm } from "./schedule-form.tsx";
import { viewerZone } from "./zone-time.ts";

const route = getRouteApi("/inside/workflows/$workflowId/schedules/new");

/** Where a schedule is made. */
export function NewSchedulePage() {
  const { workflowId } = route.useParams();
  const navigate = useNavigate();
  return (
    <Section title="Create schedule" sentence="Say when this workflow is to run, and see what that means beside it.">
      <ScheduleForm
        workflowId={workflowId}
        initial={newDraft(viewerZone())}
        input={undefined}
        onSaved={({ id }) => {
          notifyDone("Created the schedule.");
          void navigate({
            to: "/workflows/$workflowId/schedules/$scheduleId",
            params: { workflowId, scheduleId: id },
            replace: true,
            ignoreBlocker: true,
          });
        }}
        onCancel={() => void navigate({ to: "/workflows/$workflowId/schedules", params: { workflowId } })}
      />
    </Section>
  );
}

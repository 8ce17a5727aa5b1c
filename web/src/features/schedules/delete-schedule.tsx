import { ConfirmByName, notifyDone } from "../../ui/index.ts";
import { type Schedule, useDeleteSchedule } from "./queries.ts";

interface DeleteScheduleProps {
  /** Null while the dialog is closed. */
  schedule: Schedule | null;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Asks before a schedule is deleted: its history goes with it. */
export function DeleteSchedule({ schedule, onClose, onDeleted }: DeleteScheduleProps) {
  const remove = useDeleteSchedule();
  return (
    <ConfirmByName
      name={schedule && (schedule.cronExpression ?? "after another workflow")}
      verb="Delete schedule"
      onClose={onClose}
      onConfirm={async () => {
        if (!schedule) return;
        await remove.mutateAsync(schedule.id);
        notifyDone("Deleted the schedule.");
        onDeleted?.();
      }}
    >
      Its history of runs goes with it, and cannot be brought back. The executions that it started stay. To stop it for
      a while, pause it.
    </ConfirmByName>
  );
}

import { notifyDone, notifyFailed } from "../../ui/index.ts";
import { type Schedule, useSetEnabled } from "./queries.ts";

/** Pauses a schedule, or resumes one that is paused. Both can be undone. */
export function usePause(): (schedule: Pick<Schedule, "id" | "enabled">) => void {
  const { mutate } = useSetEnabled();
  return ({ id, enabled }) => {
    const set = (wanted: boolean, onSuccess: () => void) =>
      mutate(
        { id, enabled: wanted },
        {
          onSuccess,
          onError: (error) => notifyFailed(error, `The schedule was not ${wanted ? "resumed" : "paused"}.`),
        },
      );
    set(!enabled, () =>
      notifyDone(enabled ? "Paused. Executions under way go on." : "Resumed with its next run from now.", {
        undo: () => set(enabled, () => notifyDone(enabled ? "Resumed." : "Paused.")),
      }),
    );
  };
}

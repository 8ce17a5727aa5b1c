import { IconPlayerPause, IconRepeat } from "@tabler/icons-react";
import { StateBadge, StatusBadge } from "../../ui/index.ts";
import type { Run, Schedule } from "./queries.ts";

/** Whether a schedule runs. */
export function ScheduleState({ enabled }: Pick<Schedule, "enabled">) {
  return (
    <StateBadge meaning="none" icon={enabled ? IconRepeat : IconPlayerPause}>
      {enabled ? "Active" : "Paused"}
    </StateBadge>
  );
}

/** What became of a run. */
export function RunState({ status }: Pick<Run, "status">) {
  return status === "missed" ? <StateBadge meaning="waiting">Missed</StateBadge> : <StatusBadge status={status} />;
}

/** When a schedule runs, in a few words. `nameOf` tells other workflows' names. */
export function whenOf({ description, after }: Schedule, nameOf: (workflowId: string) => string | undefined): string {
  if (after !== null) return `After ${nameOf(after.workflowId) ?? "another workflow"}`;
  return description ?? "";
}

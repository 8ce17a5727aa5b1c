import { Money } from "../../ui/index.ts";
import type { WorkspaceEvent } from "./queries.ts";

/** What an event says. A percentage that a budget has reached is said with its money as it is shown everywhere. */
export function EventMessage({ event: { type, message, data } }: { event: WorkspaceEvent }) {
  const { threshold, spentNanoUsd, limitNanoUsd, workflowId } = data;
  const reached = type === "budget_alert" && typeof spentNanoUsd === "number" && typeof limitNanoUsd === "number";
  if (!reached) return <span className="sw-event">{message}</span>;
  return (
    <span className="sw-event">
      The budget of {workflowId === null ? "the workspace" : "a workflow"} has reached {String(threshold)} %:{" "}
      <Money nanoUsd={spentNanoUsd} /> of <Money nanoUsd={limitNanoUsd} /> were spent.
    </span>
  );
}

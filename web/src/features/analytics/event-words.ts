import type { Meaning } from "../../ui/index.ts";
import type { WorkspaceEvent } from "./queries.ts";
import type { EventsSearch } from "./search.ts";

type EventType = NonNullable<EventsSearch["type"]>;

/** What each kind of event is called. */
export const EVENT_NAMES = {
  budget_alert: "Budget alert",
  budget_refused: "Call refused",
  schedule_paused: "Schedule paused",
  schedule_failed: "Schedule failed",
  secret_rotated: "Secret rotated",
  export_failed: "Export failed",
  import_failed: "Import failed",
} as const satisfies Record<EventType, string>;

/** What an event's kind is called; one that a newer server knows goes by its own name. */
export function eventName(type: string): string {
  const names: Record<string, string> = EVENT_NAMES;
  return names[type] ?? type.replaceAll("_", " ");
}

/** How bad an event is, as a colour. */
export const LEVEL_MEANINGS = {
  info: "none",
  warn: "waiting",
  error: "failed",
} as const satisfies Record<WorkspaceEvent["level"], Meaning>;

export { EVENT_TYPES, type EventType } from "./inputs.ts";
export { pruneEvents } from "./prune-events.ts";
export { type NewEvent, recordEvent } from "./record-event.ts";

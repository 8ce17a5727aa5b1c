export { AnalyticsTabs } from "./analytics-tabs.tsx";
export { EventTable } from "./event-table.tsx";
export { useEvents } from "./queries.ts";

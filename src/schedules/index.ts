export { createSchedule } from "./create-schedule.ts";
export { continueDispatch, dispatch } from "./dispatch.ts";
export { pausedSettings } from "./imported-schedule.ts";
export { type ScheduleChange, type ScheduleView, scheduleChangeSchema, scheduleSchema } from "./inputs.ts";
export { listRuns } from "./list-runs.ts";
export { type DispatchMessage, dispatchMessageSchema } from "./message.ts";
export { getSchedule, listSchedules } from "./read-schedules.ts";
export type { ScheduleSettings } from "./settings.ts";
export { updateSchedule } from "./update-schedule.ts";

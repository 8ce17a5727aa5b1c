import { z } from "@hono/zod-openapi";
import { pageQueryFields } from "../core/pagination.ts";
import { timeOrDay } from "../core/time-inputs.ts";

/** Everything that a workspace is told of. */
export const EVENT_TYPES = [
  "budget_alert",
  "budget_refused",
  "schedule_paused",
  "schedule_failed",
  "secret_rotated",
  "export_failed",
  "import_failed",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export const eventQuery = z.object({
  ...pageQueryFields,
  type: z.enum(EVENT_TYPES).optional(),
  from: timeOrDay.optional(),
  to: timeOrDay.optional(),
});
export type EventQuery = z.infer<typeof eventQuery>;

export const eventSchema = z
  .object({
    id: z.string(),
    /** One of the known types; newer ones may come. */
    type: z.string(),
    level: z.enum(["info", "warn", "error"]),
    message: z.string(),
    data: z.record(z.string(), z.unknown()),
    at: z.string(),
  })
  .openapi("Event");
export type EventView = z.infer<typeof eventSchema>;

import { z } from "zod/mini";
import { INTERVALS, RANGES } from "../../lib/day-range.ts";
import { isDay } from "../../lib/local-day.ts";
import { isTimeZone } from "../../lib/time-zones.ts";

const id = z.string().check(z.minLength(1), z.maxLength(64));
const day = z.string().check(z.refine(isDay));

/** By what costs and tokens are told apart. */
export const DIMENSIONS = ["model", "provider", "role", "workflow"] as const;

/** What is looked at, and how. A range by name, or days; without either it is the last 30 days. */
export const analyticsSearch = z.object({
  range: z.catch(z.optional(z.enum(RANGES)), undefined),
  from: z.catch(z.optional(day), undefined),
  to: z.catch(z.optional(day), undefined),
  workflow: z.catch(z.optional(id), undefined),
  provider: z.catch(z.optional(id), undefined),
  model: z.catch(z.optional(z.string().check(z.minLength(1), z.maxLength(200))), undefined),
  /** The viewer's own when left out. */
  zone: z.catch(z.optional(z.string().check(z.maxLength(64), z.refine(isTimeZone))), undefined),
  interval: z.catch(z.optional(z.enum(INTERVALS)), undefined),
  metric: z.catch(z.optional(z.enum(["cost", "tokens", "executions"])), undefined),
  as: z.catch(z.optional(z.enum(["chart", "table"])), undefined),
  by: z.catch(z.optional(z.enum(DIMENSIONS)), undefined),
  show: z.catch(z.optional(z.enum(["cost", "tokens"])), undefined),
});
export type AnalyticsSearch = z.infer<typeof analyticsSearch>;

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

/** The filters of the list of events. Days are the viewer's own. */
export const eventsSearch = z.object({
  type: z.catch(z.optional(z.enum(EVENT_TYPES)), undefined),
  from: z.catch(z.optional(day), undefined),
  to: z.catch(z.optional(day), undefined),
});
export type EventsSearch = z.infer<typeof eventsSearch>;

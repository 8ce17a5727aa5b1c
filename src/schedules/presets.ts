import type { z } from "zod";
import type { presetsSchema } from "./inputs.ts";
import { describe } from "./rules/describe.ts";
import { cronOf } from "./rules/timing.ts";

/** What most schedules are, by name. */
export const CRON_PRESETS = [
  { name: "Every hour", cronExpression: "0 * * * *" },
  { name: "Every day at 9 AM", cronExpression: "0 9 * * *" },
  { name: "Every day at midnight", cronExpression: "0 0 * * *" },
  { name: "Every Monday at 9 AM", cronExpression: "0 9 * * 1" },
  { name: "Every week (Sunday)", cronExpression: "0 0 * * 0" },
  { name: "Every month (1st)", cronExpression: "0 0 1 * *" },
] as const;

/** The presets, each with its expression in words. */
export function listPresets(): z.infer<typeof presetsSchema> {
  return {
    items: CRON_PRESETS.map((preset) => ({ ...preset, description: describe(cronOf(preset.cronExpression), null) })),
  };
}

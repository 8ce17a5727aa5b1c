import type { z } from "zod";
import { isoTime } from "../core/clock.ts";
import type { PreviewRequest, previewSchema } from "./inputs.ts";
import { describe } from "./rules/describe.ts";
import { nextRuns } from "./rules/next-run.ts";
import { assertTimezone } from "./rules/timezone.ts";
import { assertFires, cronOf, whereOf } from "./rules/timing.ts";

/** An expression in words, and its next runs, with notes on those that fall on a change of clocks. Throws `schedule_invalid`. */
export function previewSchedule(request: PreviewRequest, now: number): z.infer<typeof previewSchema> {
  const timezone = assertTimezone(request.timezone);
  const cron = cronOf(request.cronExpression);
  const dst = { gap: request.dst?.gap ?? null, overlap: request.dst?.overlap ?? null };
  assertFires({ cronExpression: request.cronExpression, timezone, dst }, now);
  const from = request.from === undefined ? now : Date.parse(request.from);
  const runs = nextRuns(cron, whereOf({ timezone, dst }, cron), from, request.count);
  return {
    description: describe(cron, timezone),
    runs: runs.map(({ at }) => isoTime(at)),
    notes: runs.flatMap(({ at, note }) => (note === null ? [] : [{ run: isoTime(at), note }])),
  };
}

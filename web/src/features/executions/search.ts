import { z } from "zod/mini";
import { isDay } from "../../lib/local-day.ts";

const id = z.string().check(z.minLength(1), z.maxLength(64));
const day = z.string().check(z.refine(isDay));

/** The filters of the list. Days are the viewer's own. */
export const executionsSearch = z.object({
  workflow: z.catch(z.optional(id), undefined),
  status: z.catch(z.optional(z.enum(["queued", "running", "succeeded", "failed", "cancelled"])), undefined),
  trigger: z.catch(z.optional(z.enum(["manual", "schedule", "webhook", "retry"])), undefined),
  from: z.catch(z.optional(day), undefined),
  to: z.catch(z.optional(day), undefined),
});
export type ExecutionsSearch = z.infer<typeof executionsSearch>;

/** What of an execution is shown: a step of it, and which side. */
export const executionSearch = z.object({
  step: z.catch(z.optional(id), undefined),
  tab: z.catch(z.optional(z.enum(["output", "input", "logs", "attempts"])), undefined),
});

/** The two executions that stand side by side. */
export const compareSearch = z.object({
  left: z.catch(z.optional(id), undefined),
  right: z.catch(z.optional(id), undefined),
});

import { z } from "zod";

/** What travels over the queue for a step that is ready. Everything else stays in D1. */
export const stepMessageSchema = z.object({
  workspaceId: z.string(),
  executionId: z.string(),
  nodeId: z.string(),
});

export type StepMessage = z.infer<typeof stepMessageSchema>;

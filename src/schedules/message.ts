import { z } from "zod";

/** What travels over the queue when one invocation could not dispatch all that was due. */
export const dispatchMessageSchema = z.strictObject({
  kind: z.literal("dispatch"),
  /** Epoch milliseconds: what was due by then. */
  until: z.number(),
});

export type DispatchMessage = z.infer<typeof dispatchMessageSchema>;

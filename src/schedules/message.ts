import { z } from "zod";

/** What travels over the queue when one invocation could not dispatch all that was due. */
export const dispatchMessageSchema = z.strictObject({
  kind: z.literal("dispatch"),
  /** Epoch milliseconds: what was due by then. */
  until: z.number(),
  /** The chain of messages that it belongs to, and its place there from 1 on. */
  chain: z.string(),
  hop: z.int(),
});

export type DispatchMessage = z.infer<typeof dispatchMessageSchema>;

import { z } from "zod";

/** What travels over the queue for a bulk export. Everything else stays in D1. */
export const exportMessageSchema = z.strictObject({
  kind: z.literal("export"),
  workspaceId: z.string(),
  exportId: z.string(),
});

export type ExportMessage = z.infer<typeof exportMessageSchema>;

/** Hands a message to the queue. */
export type SendExport = (message: ExportMessage) => Promise<unknown>;

import { z } from "zod";

/** What travels over the queue for a file that is too large for a request. */
export const importMessageSchema = z.strictObject({
  kind: z.literal("import"),
  workspaceId: z.string(),
  importId: z.string(),
});

export type ImportMessage = z.infer<typeof importMessageSchema>;

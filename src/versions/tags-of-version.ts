import { z } from "zod";

/** The tags of a version as its query gathers them. */
export const tagsSchema = z.array(
  z.object({ tag: z.string(), movedAt: z.number(), weight: z.number(), total: z.number() }),
);

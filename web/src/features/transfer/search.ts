import { z } from "zod/mini";

/** `import`: the import of a large file that is followed. */
export const importSearch = z.object({
  import: z.catch(z.optional(z.string().check(z.minLength(1), z.maxLength(64))), undefined),
});

import { z } from "zod/mini";

/** `next`: the page to go on to. */
export const signInSearch = z.object({ next: z.catch(z.optional(z.string()), undefined) });

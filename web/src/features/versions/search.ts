import { z } from "zod/mini";

/** Numbers stay numbers: written as texts they would stand in the address in quotes. */
const reference = z.union([z.int().check(z.positive()), z.string().check(z.minLength(1), z.maxLength(64))]);

/** Which versions of the history are listed; all of them when nothing is said. */
export const versionsSearch = z.object({
  kind: z.catch(z.optional(z.enum(["committed", "auto"])), undefined),
});

/** The two sides that are compared (a version's number, id or tag, or `draft`), and the node whose changes are looked at. */
export const compareVersionsSearch = z.object({
  from: z.catch(z.optional(reference), undefined),
  to: z.catch(z.optional(reference), undefined),
  node: z.catch(z.optional(reference), undefined),
});

import { z } from "zod/mini";

/** `next`: the page to go on to. */
export const signInSearch = z.object({ next: z.catch(z.optional(z.string()), undefined) });

/** The setup token in a fragment, `setup=...`: it stands there, and not in the query, because fragments reach no server's log. */
export function setupTokenIn(hash: string): string | undefined {
  return /^setup=(.+)$/.exec(hash)?.[1];
}

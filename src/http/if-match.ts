import { z } from "@hono/zod-openapi";
import { DomainError } from "../core/errors.ts";

/** The headers of a route that heeds `If-Match`. */
export const ifMatchHeaders = z.object({ "if-match": z.string().optional() });

/**
 * The revision that a caller has seen (RFC 9110, section 13.1.1): `"7"` or `W/"7"` -> 7; `*` and an absent header ask
 * for nothing. Throws `malformed_request`.
 */
export function revisionOf(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch.trim() === "*") return undefined;
  const match = /^(?:W\/)?"?(\d{1,15})"?$/.exec(ifMatch.trim());
  if (!match) {
    throw new DomainError("malformed_request", 'If-Match takes the revision that GET gave, in quotes: If-Match: "7".');
  }
  return Number(match[1]);
}

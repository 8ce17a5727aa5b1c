import type { Decision } from "./sliding-window.ts";

/**
 * The headers that tell a caller where the limit stands (draft-ietf-httpapi-ratelimit-headers-03, which named the three
 * fields; seconds from now), and `Retry-After` (RFC 9110, section 10.2.3) when it was reached.
 */
export function rateHeaders(decision: Decision): Record<string, string> {
  const { limit, remaining, resetSeconds } = decision;
  return {
    "RateLimit-Limit": String(limit),
    "RateLimit-Remaining": String(remaining),
    "RateLimit-Reset": String(resetSeconds),
    ...(decision.kind === "limited" ? { "Retry-After": String(decision.retryAfterSeconds) } : {}),
  };
}

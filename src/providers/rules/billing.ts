import type { ChainCall } from "../chain-contract.ts";

/** Failures that a provider answers instead of working, also where a gateway wraps them into status 200. */
const REFUSALS: ReadonlySet<ChainCall["errorKind"]> = new Set([
  "rate_limit",
  "quota",
  "auth",
  "overloaded",
  "server",
  "model_not_found",
  "context_length",
]);

/** Failures that are known before anything is sent, when no status came back. */
const NEVER_SENT: ReadonlySet<ChainCall["errorKind"]> = new Set(["auth", "invalid_request", "budget", "unpriced"]);

/** Failures that tell nothing of the work: a gateway gave up waiting (408, 504, 522, 524) while the provider went on. */
const UNHEARD: ReadonlySet<ChainCall["errorKind"]> = new Set(["timeout", "network", "cancelled", "latency"]);

/** How a call will stand on a provider's bill. */
export type Billing = "counted" | "free" | "unknown";

/**
 * What a call will stand on a provider's bill with. `counted`: tokens are known. `free`: it was refused, or never
 * sent. `unknown`: it may have been worked on and billed, though no count of tokens came back.
 */
export function billingOf(call: Pick<ChainCall, "usage" | "errorKind" | "httpStatus" | "billing">): Billing {
  if (call.usage !== null) return "counted";
  if (call.billing !== undefined) return call.billing;
  if (UNHEARD.has(call.errorKind)) return "unknown";
  if (call.httpStatus === null) return NEVER_SENT.has(call.errorKind) ? "free" : "unknown";
  if (call.httpStatus < 200 || call.httpStatus >= 300) return "free";
  return REFUSALS.has(call.errorKind) ? "free" : "unknown";
}

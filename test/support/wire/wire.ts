import type { ErrorKind, ProviderName, Usage } from "../../../src/providers/index.ts";

/** An answer as it travels, and what a call must make of it. */
export interface Refusal {
  name: string;
  status: number;
  body: string;
  headers?: Record<string, string>;
  kind: ErrorKind;
  retryAfterMs?: number;
}

/** A 200 that is no good, and what it cost all the same. */
export interface BadAnswer {
  name: string;
  body: string;
  kind: ErrorKind;
  usage: Usage | null;
  message?: RegExp;
}

/** One provider's wire format, as the contract suite plays it. */
export interface WireTable {
  provider: ProviderName;
  model: string;
  /** An address without a slash at its end, and where the request to it must go. */
  baseUrl: string;
  url: string;
  keyHeader: { name: string; value: (key: string) => string };
  /** The request body for {@link WireTable.model}, whole. */
  requestBody: unknown;
  success: { body: string; model: string; usage: Usage };
  successWithoutUsage: string;
  /** Cut by the output limit after some text: usable. */
  cutByLength: string;
  badAnswers: readonly BadAnswer[];
  refusals: readonly Refusal[];
}

export const TEXT = "Hello from the wire.";

/** Statuses that mean the same whoever sends them, with bodies that say nothing. */
export const PLAIN_REFUSALS: readonly Refusal[] = [
  { name: "an empty 400", status: 400, body: "", kind: "invalid_request" },
  { name: "an empty 401", status: 401, body: "", kind: "auth" },
  { name: "an empty 402", status: 402, body: "", kind: "quota" },
  { name: "an empty 403", status: 403, body: "", kind: "auth" },
  { name: "an empty 404", status: 404, body: "", kind: "model_not_found" },
  { name: "an empty 408", status: 408, body: "", kind: "timeout" },
  { name: "an empty 409", status: 409, body: "", kind: "server" },
  { name: "an empty 413", status: 413, body: "", kind: "context_length" },
  { name: "an empty 422", status: 422, body: "", kind: "invalid_request" },
  { name: "an empty 429", status: 429, body: "", kind: "rate_limit" },
  { name: "an empty 500", status: 500, body: "", kind: "server" },
  { name: "an empty 503", status: 503, body: "", kind: "overloaded" },
  { name: "an empty 504", status: 504, body: "", kind: "timeout" },
  { name: "an empty 529", status: 529, body: "", kind: "overloaded" },
  {
    name: "a gateway's HTML page",
    status: 502,
    body: "<!doctype html><title>502 Bad Gateway</title>",
    headers: { "Content-Type": "text/html" },
    kind: "server",
  },
  {
    name: "Retry-After in seconds",
    status: 429,
    body: "",
    headers: { "Retry-After": "7" },
    kind: "rate_limit",
    retryAfterMs: 7_000,
  },
  {
    name: "Retry-After as a date",
    status: 503,
    body: "",
    headers: { "Retry-After": "Sun, 22 Nov 2026 12:00:30 GMT" },
    kind: "overloaded",
    retryAfterMs: 30_000,
  },
  {
    name: "retry-after-ms beside Retry-After",
    status: 429,
    body: "",
    headers: { "retry-after-ms": "1250", "Retry-After": "2" },
    kind: "rate_limit",
    retryAfterMs: 1_250,
  },
];

/** The clock of the suite stands still here. */
export const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);

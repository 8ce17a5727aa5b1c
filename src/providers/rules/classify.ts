import type { ErrorKind } from "../contract.ts";
import { type ErrorBody, readErrorBody } from "./error-body.ts";

/** One line of the table: what an answer must show to be of this kind. All that is given must hold. */
interface Mark {
  kind: ErrorKind;
  /** HTTP statuses for which the line speaks. */
  status?: (status: number) => boolean;
  /** The provider's type, code, status or reason is one of these, in lower case. */
  tokens?: readonly string[];
  /** The provider's message has one of these parts, in lower case. Only where no code says it. */
  text?: readonly string[];
  param?: string;
}

const is =
  (...statuses: readonly number[]) =>
  (status: number) =>
    statuses.includes(status);
const isRefusal = (status: number) => status >= 400 && status < 500 && status !== 429 && status !== 401;

/**
 * The first line that fits decides: what the provider names stands before its text, and both before the status,
 * because providers put very different things under one status (OpenAI answers 429 for an empty account, Anthropic
 * 400 for the same, Gemini 400 for a wrong key).
 */
const MARKS: readonly Mark[] = [
  {
    kind: "quota",
    tokens: [
      "insufficient_quota",
      "billing_not_active",
      "billing_hard_limit_reached",
      "billing_error",
      "insufficient_credits",
      "insufficient_funds",
    ],
  },
  { kind: "quota", status: is(402) },
  { kind: "quota", status: isRefusal, text: ["credit balance is too low", "insufficient balance"] },
  {
    kind: "auth",
    tokens: ["api_key_invalid", "invalid_api_key", "authentication_error", "unauthenticated", "api_key_expired"],
  },
  {
    kind: "content_policy",
    tokens: [
      "content_policy_violation",
      "content_filter",
      "responsibleaipolicyviolation",
      "moderation_blocked",
      "invalid_prompt",
    ],
  },
  {
    kind: "content_policy",
    status: isRefusal,
    text: ["content filtering policy", "violating our usage policy", "input was flagged"],
  },
  { kind: "context_length", tokens: ["context_length_exceeded", "string_above_max_length", "request_too_large"] },
  {
    kind: "context_length",
    status: isRefusal,
    text: [
      "prompt is too long",
      "maximum context length",
      "exceed context limit",
      "exceeds the context",
      "context window",
      "exceeds the maximum number of tokens",
    ],
  },
  { kind: "context_length", status: is(413) },
  { kind: "model_not_found", tokens: ["model_not_found", "not_found_error", "model_not_available"] },
  { kind: "model_not_found", status: is(400), param: "model" },
  { kind: "model_not_found", status: is(400), text: ["model not exist", "is not a valid model"] },
  { kind: "model_not_found", status: is(404, 410) },
  { kind: "overloaded", tokens: ["overloaded_error", "engine_overloaded", "unavailable"] },
  { kind: "overloaded", status: is(503, 529) },
  { kind: "auth", status: is(401, 403) },
  // 522 and 524 are Cloudflare's, for a server behind it that does not answer.
  { kind: "timeout", status: is(408, 504, 522, 524) },
  { kind: "timeout", tokens: ["timeout_error", "deadline_exceeded"] },
  { kind: "rate_limit", status: is(429) },
  { kind: "rate_limit", tokens: ["rate_limit_error", "rate_limit_exceeded", "resource_exhausted"] },
  // 409 tells of a lock that is held for a moment: the SDKs' own policy is to try again.
  { kind: "server", status: is(409) },
  { kind: "server", status: (status) => status >= 500 || status < 200 },
];

/**
 * What kind of failure an HTTP answer is. `status` is that of the answer; a body that names another one (a gateway's
 * error under status 200) is believed. Total: any text and any status have a kind.
 */
export function classify(status: number, body: string): ErrorKind {
  const error = readErrorBody(body);
  if (isDailyQuota(error)) return "quota";
  const effective = status >= 200 && status < 300 ? (error.code ?? 500) : status;
  return MARKS.find((mark) => fits(mark, effective, error))?.kind ?? "invalid_request";
}

function fits(mark: Mark, status: number, error: ErrorBody): boolean {
  const message = error.message.toLowerCase();
  return (
    (mark.status === undefined || mark.status(status)) &&
    (mark.tokens === undefined || mark.tokens.some((token) => error.tokens.has(token))) &&
    (mark.text === undefined || mark.text.some((part) => message.includes(part))) &&
    (mark.param === undefined || mark.param === error.param)
  );
}

/** Gemini answers the same 429 for a minute's limit and for a day's; only the quota's id tells, and a day is no wait. */
function isDailyQuota(error: ErrorBody): boolean {
  return [...error.tokens].some((token) => token.includes("perday"));
}

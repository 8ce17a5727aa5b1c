import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { DomainError, type ErrorCode, errorText } from "../core/errors.ts";
import { isOverloaded } from "../db/transient.ts";
import type { AppEnv } from "./app.ts";
import { STATUS } from "./status.ts";

const OVERLOAD_RETRY_SECONDS = 2;

/** Turns whatever a handler threw into the error envelope. The text of an unknown error stays in the log. */
export function answerError(error: unknown, c: Context<AppEnv>): Response {
  const requestId = c.get("requestId");
  const refusal = refusalOf(error);
  if (refusal.code === "internal" || refusal.code === "overloaded") {
    c.var.log.log("error", "Api", errorText(error), {
      method: c.req.method,
      route: c.req.path,
      cause: error instanceof Error && error.cause !== undefined ? errorText(error.cause) : undefined,
    });
  }
  if (refusal.retryAfterSeconds !== undefined) c.header("Retry-After", String(Math.ceil(refusal.retryAfterSeconds)));
  return c.json(
    {
      ...c.get("besideError"),
      error: { code: refusal.code, message: refusal.message, details: refusal.details, requestId },
    },
    STATUS[refusal.code],
  );
}

/** What a caller is told of whatever was thrown: a refusal as it is, and of an unknown error nothing but that. */
export function refusalOf(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  if (error instanceof HTTPException && error.status < 500) {
    return new DomainError(codeOfStatus(error.status), error.message || "The request cannot be read.");
  }
  if (isOverloaded(error)) {
    return new DomainError("overloaded", "The database has more work than it takes right now. Try again shortly.", {
      retryAfterSeconds: OVERLOAD_RETRY_SECONDS,
      cause: error,
    });
  }
  return new DomainError(
    "internal",
    "Something went wrong on our side, and what you asked for may or may not have taken effect. Look before you send it again; the log has the fault under the request id.",
    { cause: error },
  );
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 404) return "not_found";
  if (status === 413) return "body_too_large";
  return "malformed_request";
}

import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { ErrorCode } from "../core/errors.ts";

/** The one place where a refusal becomes an HTTP status. */
export const STATUS = {
  malformed_request: 400,
  invalid_fields: 422,
  body_too_large: 413,
  unauthenticated: 401,
  forbidden: 403,
  cross_site_request: 403,
  not_found: 404,
  signup_closed: 403,
  invitation_not_found: 404,
  api_key_not_found: 404,
  member_not_found: 404,
  last_owner: 409,
  workflow_not_found: 404,
  workflow_invalid: 422,
  draft_conflict: 409,
  version_not_found: 404,
  execution_not_found: 404,
  execution_finished: 409,
  execution_running: 409,
  nothing_to_retry: 409,
  input_invalid: 422,
  idempotency_conflict: 409,
  provider_not_configured: 422,
  overloaded: 503,
  websocket_required: 426,
  internal: 500,
} as const satisfies Record<ErrorCode, ContentfulStatusCode>;

/**
 * Every way in which the API refuses, by name. The HTTP status of each stands in one table,
 * `http/status.ts`, which fails to compile when a code is missing there.
 */
export type ErrorCode =
  | "malformed_request"
  | "invalid_fields"
  | "body_too_large"
  | "unauthenticated"
  | "forbidden"
  | "cross_site_request"
  | "not_found"
  | "signup_closed"
  | "setup_token_required"
  | "invitation_not_found"
  | "password_reset_not_found"
  | "no_workspace"
  | "workspace_not_found"
  | "already_member"
  | "api_key_not_found"
  | "member_not_found"
  | "last_owner"
  | "workflow_not_found"
  | "workflow_invalid"
  | "draft_conflict"
  | "version_not_found"
  | "too_many_tags"
  | "execution_not_found"
  | "execution_finished"
  | "execution_running"
  | "step_not_found"
  | "output_not_found"
  | "nothing_to_retry"
  | "input_invalid"
  | "idempotency_conflict"
  | "provider_not_configured"
  | "credential_not_found"
  | "credential_unusable"
  | "schedule_invalid"
  | "schedule_not_found"
  | "schedule_conflict"
  | "too_many_prices"
  | "webhook_not_found"
  | "call_not_found"
  | "call_not_replayable"
  | "address_not_allowed"
  | "signature_invalid"
  | "mapping_failed"
  | "rate_limited"
  | "budget_not_found"
  | "too_many_budgets"
  | "archive_refused"
  | "import_invalid"
  | "import_too_new"
  | "import_not_found"
  | "execution_imported"
  | "knowledge_not_found"
  | "knowledge_exists"
  | "knowledge_full"
  | "template_not_found"
  | "secrets_found"
  | "export_not_found"
  | "export_not_ready"
  | "export_expired"
  | "export_failed"
  | "export_too_large"
  | "too_many_exports"
  | "overloaded"
  | "websocket_required"
  | "internal";

/** One fault, with the place where it is: `agents[2].temperature`. An empty path means the whole body. */
export interface ErrorDetail {
  path: string;
  message: string;
}

interface DomainErrorOptions {
  details?: readonly ErrorDetail[];
  /** Seconds after which trying again makes sense. Becomes `Retry-After`. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

/**
 * A refusal that the caller can understand and act on. The message is shown to people: it says what
 * happened and what to do next, and never holds a secret.
 */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly details: readonly ErrorDetail[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: DomainErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Text of any thrown value, for logs. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const REASONS: Record<string, string> = {
  rate_limit: "Rate limit",
  quota: "Account is empty",
  auth: "Key was refused",
  invalid_request: "Request was refused",
  context_length: "Input too long",
  content_policy: "Refused for its content",
  model_not_found: "No such model",
  overloaded: "Overloaded",
  server: "Server error",
  timeout: "No answer in time",
  network: "Not reachable",
  malformed: "Answer made no sense",
  cancelled: "Given up",
  breaker_open: "Breaker was open",
  not_configured: "No key is set",
};

/** What a kind of error is called; one that a newer server knows goes by its own name. */
export function reasonWords(kind: string): string {
  return REASONS[kind] ?? kind.replaceAll("_", " ");
}

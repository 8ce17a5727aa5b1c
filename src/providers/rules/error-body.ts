/** What an error answer says, whichever provider's shape it has. Everything is lower case but `message`. */
export interface ErrorBody {
  /** Whether the body is an error object at all: some gateways send one with status 200. */
  isError: boolean;
  /** The provider's type, code, status and reasons. */
  tokens: ReadonlySet<string>;
  /** Which request field is at fault, as OpenAI names it. */
  param: string | null;
  /** A numeric code inside the body, as gateways use it for the upstream's HTTP status. */
  code: number | null;
  /** The provider's own words, cut short. They may repeat a key: see `rules/explain.ts`. */
  message: string;
  /** Google's RetryInfo, like "12.5s". */
  retryDelay: string | null;
}

const MAX_MESSAGE_LENGTH = 2_000;

/**
 * Reads the error shapes of OpenAI (`error.type/code/param`), Anthropic (`error.type`), Gemini (`error.status`,
 * `error.details[]`, possibly inside an array) and of the servers that imitate them (`error` as text, `detail`,
 * `message` at the top). Never throws, whatever the text is.
 */
export function readErrorBody(text: string): ErrorBody {
  const outer = parsed(text);
  const top = recordOf(Array.isArray(outer) ? outer[0] : outer);
  const error = recordOf(top.error);
  const details = listOf(error.details).map(recordOf);
  const quotaIds = details.flatMap((detail) => listOf(detail.violations).map((each) => recordOf(each).quotaId));
  const named = [error.type, error.code, error.status, top.code, top.type, ...details.map((each) => each.reason)];
  const message = [error.message, top.error, top.message, top.detail].find((each) => typeof each === "string");
  return {
    isError: Object.keys(error).length > 0 || typeof top.error === "string",
    tokens: new Set(
      [...named, ...quotaIds].filter((each) => typeof each === "string").map((each) => each.toLowerCase()),
    ),
    param: typeof error.param === "string" ? error.param : null,
    code: [error.code, top.code].find((each) => typeof each === "number") ?? null,
    message: (message ?? "").slice(0, MAX_MESSAGE_LENGTH),
    retryDelay: retryDelayOf(details),
  };
}

function retryDelayOf(details: readonly Record<string, unknown>[]): string | null {
  const info = details.find((detail) => typeof detail["@type"] === "string" && detail["@type"].endsWith("RetryInfo"));
  return typeof info?.retryDelay === "string" ? info.retryDelay : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A gateway's HTML page: the status alone decides then.
    return null;
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

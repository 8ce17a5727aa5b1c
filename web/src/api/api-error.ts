import { z } from "zod/mini";

const envelopeSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z._default(z.array(z.object({ path: z.string(), message: z.string() })), []),
    requestId: z.string(),
  }),
});

interface ApiErrorFields {
  status: number;
  code: string;
  message: string;
  details?: readonly { path: string; message: string }[];
  requestId?: string | null;
}

/** A refusal of the API. `message` says what happened and what to do, and is shown to people as it is. */
export class ApiError extends Error {
  /** HTTP status; 0 when no answer came at all. */
  readonly status: number;
  readonly code: string;
  /** The faults of single fields: `path` as in `agents[2].temperature`. */
  readonly details: readonly { path: string; message: string }[];
  /** Under which the server's log knows the request. Null when it never arrived. */
  readonly requestId: string | null;

  constructor({ status, code, message, details = [], requestId = null }: ApiErrorFields) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
    this.requestId = requestId;
  }

  /** What is wrong with one field, for the message under its input. */
  detailOf(path: string): string | undefined {
    return this.details.find((detail) => detail.path === path)?.message;
  }
}

/** The refusal in a response that is not ok. A proxy's page in the API's place is told apart by its status alone. */
export async function toApiError(response: Pick<Response, "status" | "text" | "headers">): Promise<ApiError> {
  const text = await response.text();
  const envelope = envelopeSchema.safeParse(parsed(text));
  if (envelope.success) return new ApiError({ status: response.status, ...envelope.data.error });
  return new ApiError({
    status: response.status,
    code: "unreadable_answer",
    message: `The server answered with status ${response.status} and nothing that says why. Try again; if it stays, look at its log.`,
    requestId: response.headers.get("X-Request-Id"),
  });
}

/** When no answer came: no network, or the server is being started again. */
export function unreachable(cause: unknown): ApiError {
  const error = new ApiError({
    status: 0,
    code: "unreachable",
    message: "The server does not answer. What you see may be old; check your connection and try again.",
  });
  error.cause = cause;
  return error;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

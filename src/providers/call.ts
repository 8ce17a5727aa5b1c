import {
  type CallOptions,
  type Completion,
  type CompletionRequest,
  type ErrorKind,
  ProviderError,
  type ProviderErrorFacts,
  type ProviderName,
} from "./contract.ts";
import { classify } from "./rules/classify.ts";
import { destinationOf } from "./rules/destination.ts";
import { readErrorBody } from "./rules/error-body.ts";
import { explain, explainEaten, quotable } from "./rules/explain.ts";
import { judge, type Reading } from "./rules/judge.ts";
import { retryAfterMs } from "./rules/retry-after.ts";
import { MAX_TIMER_MS, type Outcome, openWire, type Wire } from "./wire.ts";

/** What sets one provider apart: everything else is the same for all. */
export interface Dialect {
  name: ProviderName;
  /** `null` when there is no address of its own: then the caller must give one. */
  defaultBaseUrl: string | null;
  /** Whether a server may ask for no key at all. */
  keyIsOptional: boolean;
  /** Sends the one request through the SDK, with its own retries off. */
  send(request: CompletionRequest, target: Target): Promise<unknown>;
  /** Reads the SDK's answer; `null` when it has not the expected form. Never throws. */
  read(answer: unknown, request: CompletionRequest): Reading | null;
}

/** Where a request goes. `baseUrl` is checked and has no slash at its end. */
export interface Target {
  apiKey: string;
  baseUrl: string;
  fetch: Wire["fetch"];
  /** A little after the wire's own deadline: an SDK's timeout covers less, and must never be the one that decides. */
  sdkTimeoutMs: number;
}

const SDK_GRACE_MS = 1_000;

/** Makes one call in a provider's dialect. Throws {@link ProviderError} only. */
export async function call(dialect: Dialect, request: CompletionRequest, options: CallOptions): Promise<Completion> {
  const startedAt = options.clock.now();
  const fail = (kind: ErrorKind, message: string, facts: Partial<ProviderErrorFacts> = {}, cause?: unknown) => {
    const latencyMs = options.clock.now() - startedAt;
    const unknown = { httpStatus: null, retryAfterMs: null, usage: null, model: null };
    return new ProviderError(kind, message, { ...unknown, ...facts, latencyMs }, { cause });
  };
  const explained = (kind: ErrorKind, httpStatus: number | null, quote: string | null = null) =>
    explain(kind, { provider: dialect.name, model: request.model, httpStatus, quote });

  if (options.signal.aborted) throw fail("cancelled", explained("cancelled", null));
  const destination = destinationOf({ provider: dialect.name, ...dialect, ...options });
  if (destination.obstacle !== null) throw fail(destination.obstacle.kind, destination.obstacle.message);

  const { reading, outcome, thrown } = await converse(dialect, request, options, destination.baseUrl);
  if (outcome.state === "unsent") throw fail("invalid_request", explained("invalid_request", null), {}, thrown);
  const httpStatus = outcome.status;
  if (outcome.state === "failed") {
    throw fail(outcome.kind, explained(outcome.kind, httpStatus), { httpStatus }, outcome.cause);
  }
  if (isErrorAnswer(outcome, reading)) {
    const kind = classify(outcome.status, outcome.body);
    const quote = kind === "invalid_request" ? quotable(readErrorBody(outcome.body).message, options.apiKey) : null;
    const wait = retryAfterMs(outcome.headers, outcome.body, options.clock.now());
    throw fail(kind, explained(kind, httpStatus, quote), { httpStatus, retryAfterMs: wait });
  }
  if (reading === null) throw fail("malformed", explained("malformed", httpStatus), { httpStatus });
  const { text, finishReason, usage } = reading;
  const model = reading.model ?? request.model;
  const fault = judge(reading);
  if (fault !== null) {
    const message = fault.eaten
      ? explainEaten(dialect.name, request.model, request.maxTokens)
      : explained(fault.kind, httpStatus);
    throw fail(fault.kind, message, { httpStatus, usage, model });
  }
  return { text, model, finishReason, usage, latencyMs: options.clock.now() - startedAt };
}

interface Conversation {
  reading: Reading | null;
  outcome: Outcome;
  /** What the SDK threw. Used only when nothing was sent: later on it may repeat the provider's text, or the key. */
  thrown: unknown;
}

async function converse(
  dialect: Dialect,
  request: CompletionRequest,
  { apiKey, signal, timeoutMs }: CallOptions,
  baseUrl: string,
): Promise<Conversation> {
  const wire = openWire(signal, timeoutMs);
  const sdkTimeoutMs = Math.min(Math.max(timeoutMs, 0) + SDK_GRACE_MS, MAX_TIMER_MS);
  try {
    const answer = await dialect.send(request, { apiKey, baseUrl, fetch: wire.fetch, sdkTimeoutMs });
    return { reading: dialect.read(answer, request), outcome: wire.outcome(), thrown: undefined };
  } catch (thrown) {
    return { reading: null, outcome: wire.outcome(), thrown };
  } finally {
    wire.close();
  }
}

/** A refusal by status, or one that a gateway wrapped into status 200 in place of an answer. */
function isErrorAnswer(outcome: Extract<Outcome, { state: "answered" }>, reading: Reading | null): boolean {
  if (outcome.status < 200 || outcome.status >= 300) return true;
  return (reading === null || reading.text === "") && readErrorBody(outcome.body).isError;
}

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
import { readErrorBody } from "./rules/error-body.ts";
import { explain, explainEaten, quotable } from "./rules/explain.ts";
import { judge, type Reading } from "./rules/judge.ts";
import { retryAfterMs } from "./rules/retry-after.ts";
import { settingNameOf } from "./rules/settings.ts";
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
  const fail = (kind: ErrorKind, message: string, facts: Partial<ProviderErrorFacts> = {}, cause?: unknown) =>
    new ProviderError(
      kind,
      message,
      {
        httpStatus: null,
        retryAfterMs: null,
        usage: null,
        model: null,
        latencyMs: options.clock.now() - startedAt,
        ...facts,
      },
      cause === undefined ? undefined : { cause },
    );
  const explained = (kind: ErrorKind, httpStatus: number | null, quote: string | null = null) =>
    explain(kind, { provider: dialect.name, model: request.model, httpStatus, quote });

  if (options.signal.aborted) throw fail("cancelled", explained("cancelled", null));
  const baseUrl = options.baseUrl ?? dialect.defaultBaseUrl;
  const obstacle = obstacleOf(dialect, options.apiKey, baseUrl);
  if (obstacle !== null || baseUrl === null) throw fail(obstacle?.kind ?? "invalid_request", obstacle?.message ?? "");

  const sdkTimeoutMs = Math.min(Math.max(options.timeoutMs, 0) + SDK_GRACE_MS, MAX_TIMER_MS);
  const wire = openWire(options.signal, options.timeoutMs);
  const target = { apiKey: options.apiKey, baseUrl: baseUrl.replace(/\/+$/, ""), fetch: wire.fetch, sdkTimeoutMs };
  const reading = await dialect
    .send(request, target)
    .then((answer) => dialect.read(answer, request))
    // The wire knows better what happened, and an SDK's text may repeat the key.
    .catch(() => null)
    .finally(wire.close);
  const outcome = wire.outcome();

  if (outcome.state === "unsent") throw fail("invalid_request", explained("invalid_request", null));
  if (outcome.state === "failed") {
    const cause = outcome.kind === "network" ? outcome.cause : undefined;
    throw fail(outcome.kind, explained(outcome.kind, outcome.status), { httpStatus: outcome.status }, cause);
  }
  const httpStatus = outcome.status;
  if (isErrorAnswer(outcome, reading)) {
    const kind = classify(httpStatus, outcome.body);
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

/** A refusal by status, or one that a gateway wrapped into status 200 in place of an answer. */
function isErrorAnswer(outcome: Extract<Outcome, { state: "answered" }>, reading: Reading | null): boolean {
  if (outcome.status < 200 || outcome.status >= 300) return true;
  return (reading === null || reading.text === "") && readErrorBody(outcome.body).isError;
}

/** Why a call cannot even be sent. An SDK would fail on these too, with a text that may hold the key. */
function obstacleOf(
  dialect: Dialect,
  apiKey: string,
  baseUrl: string | null,
): { kind: ErrorKind; message: string } | null {
  if (baseUrl === null) {
    return {
      kind: "invalid_request",
      message: `${dialect.name} has no address of its own. Set OPENAI_COMPATIBLE_BASE_URL, or store a credential with a base URL.`,
    };
  }
  if (!isAddress(baseUrl)) {
    return {
      kind: "invalid_request",
      message: `The base URL for ${dialect.name} cannot be used. Give an http or https address without a user name, query or fragment.`,
    };
  }
  const setting = settingNameOf(dialect.name);
  if (apiKey === "" && !dialect.keyIsOptional) {
    return { kind: "auth", message: `There is no key for ${dialect.name}. Set ${setting}, or store a credential.` };
  }
  if (!/^[\x21-\x7e]*$/.test(apiKey)) {
    return {
      kind: "auth",
      message: `The key for ${dialect.name} holds a space, a line break or a letter that no key has. Paste it again into ${setting} or the credential.`,
    };
  }
  return null;
}

function isAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null) return false;
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  return isWeb && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
}

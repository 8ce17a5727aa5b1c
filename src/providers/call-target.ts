import type { BreakerKey, CallOutcome, GivenPermit } from "./breakers.ts";
import type { ChainCall, ChainPolicy, ChainPorts, ChainRefusal, ChainTarget } from "./chain-contract.ts";
import { type Completion, type CompletionRequest, ProviderError } from "./contract.ts";
import { afterFailure, breakerResult, type FailedCall, MAX_SLEEP_MS, type NextMove } from "./rules/after-failure.ts";
import { billingOf } from "./rules/billing.ts";

export type TargetResult =
  | { ok: true; completion: Completion }
  | {
      ok: false;
      /** False when the time was over before this target could be asked. */
      called: boolean;
      error: ProviderError | ChainRefusal;
      move: Exclude<NextMove, { move: "same" }>;
    };

type Ended = { ok: true; completion: Completion } | { ok: false; error: ProviderError; kind: FailedCall["kind"] };

/**
 * Calls one target: once, and again after failures that may pass, as often as the policy has it and its breaker
 * allows. Every call is appended to `calls` and reported to the breaker; the one before is written first.
 */
export async function callTarget(
  ports: ChainPorts,
  target: ChainTarget,
  firstPermit: GivenPermit,
  request: CompletionRequest,
  policy: ChainPolicy,
  signal: AbortSignal,
  calls: ChainCall[],
): Promise<TargetResult> {
  const key = breakerKey(ports.workspaceId, target);
  let permit = firstPermit;
  let waitMs = calls.length === 0 ? policy.waitedMs : 0;
  let lastError: ProviderError | undefined;
  for (let retriesLeft = policy.retries; ; retriesLeft -= 1) {
    const before = calls.at(-1);
    if (before) await ports.onCall(before);
    const at = ports.clock.now();
    if (at >= policy.deadlineAt) {
      // A probe that nobody gives back would keep everyone out until its lease ends, and a place keeps others waiting.
      await ports.breakers.report(key, permit, nothingTold(target.model));
      const called = lastError !== undefined;
      return { ok: false, called, error: lastError ?? outOfTime(), move: { move: "stop" } };
    }
    const retry = policy.retries - retriesLeft;
    const call = {
      attempt: calls.length + 1,
      provider: target.provider,
      model: target.model,
      waitMs,
      reason: retry === 0 ? target.reason : `${target.reason}; retry ${retry}`,
      at,
    };
    const giveBack = () => ports.breakers.report(key, permit, nothingTold(target.model));
    const refusal = await orGiveBack(
      reserve(ports, call, { ...request, model: target.model }, policy, signal),
      giveBack,
    );
    if (refusal !== null) {
      // The place among the calls under way, and the probe if it was one, are for somebody else.
      await giveBack();
      // Nothing was decided: the call is asked for again, as if nobody had come.
      if (refusal.retryAt !== undefined) return { ok: false, called: false, error: refusal, move: { move: "stop" } };
      calls.push(refusedCall(call, refusal, ports.clock.now() - at));
      // Another target may be priced, or cheaper.
      const move = policy.on.error ? ({ move: "next", largerWindow: false } as const) : ({ move: "stop" } as const);
      return { ok: false, called: true, error: refusal, move };
    }
    const timeoutMs = callTimeMs(policy, at);
    // Cancelled before it was sent: then nobody was asked, and nobody bills it.
    const unsent = signal.aborted ? { billing: "free" as const } : {};
    const ended = await orGiveBack(complete(ports, target, request, policy, signal, call, timeoutMs), giveBack);
    calls.push({ ...recordOf(call, ended, ports.clock.now() - at), ...unsent });
    await ports.breakers.report(key, permit, {
      result: ended.ok ? "success" : breakerResult(ended.kind, timeoutMs, policy.attemptTimeoutMs),
      // An answer that is only too late for this agent is no error of the provider's.
      errorKind: ended.ok || ended.kind === "latency" ? null : ended.error.kind,
      latencyMs: ports.clock.now() - at,
      model: target.model,
      retryAfterMs: ended.ok ? null : ended.error.retryAfterMs,
    });
    if (ended.ok) return ended;

    const { error, kind } = ended;
    const { httpStatus, retryAfterMs } = error;
    const move = afterFailure({ kind, httpStatus, retriesLeft, retryAfterMs }, policy.on);
    lastError = error;
    if (move.move !== "same") return { ok: false, called: true, error, move };
    const waitedFrom = ports.clock.now();
    const again = await permitAfter(ports, key, move.waitMs, policy, signal);
    if (again === null) {
      const onwards = afterFailure({ kind, httpStatus, retriesLeft: 0, retryAfterMs }, policy.on);
      return { ok: false, called: true, error, move: onwards.move === "same" ? { move: "stop" } : onwards };
    }
    permit = again;
    waitMs = ports.clock.now() - waitedFrom;
  }
}

type BegunCall = Omit<ChainCall, "answeredModel" | "errorKind" | "httpStatus" | "latencyMs" | "usage">;

/** Sets the call's worst case aside, or says why the call must not be made. One that was cancelled asks for nothing. */
async function reserve(
  { purse }: ChainPorts,
  call: BegunCall,
  request: CompletionRequest,
  { deadlineAt }: ChainPolicy,
  signal: AbortSignal,
): Promise<ChainRefusal | null> {
  if (purse === undefined || signal.aborted) return null;
  const refusal = await purse.reserve({ ...call, request, deadlineAt });
  if (refusal === null && signal.aborted) await purse.release(call.attempt);
  return refusal;
}

function refusedCall(call: BegunCall, { kind, reason }: ChainRefusal, latencyMs: number): ChainCall {
  return { ...call, reason, answeredModel: null, usage: null, latencyMs, errorKind: kind, httpStatus: null };
}

/**
 * Waits, and asks the breaker for one more call to the same target; `null` when that is not to be had in time. A rate
 * limit makes the breaker cool down, often for a little longer than the provider asked: then that is what is waited for.
 */
async function permitAfter(
  ports: ChainPorts,
  key: BreakerKey,
  waitMs: number,
  policy: ChainPolicy,
  signal: AbortSignal,
): Promise<GivenPermit | null> {
  const { deadlineAt } = policy;
  if (ports.clock.now() + waitMs >= deadlineAt) return null;
  const permit = await ports.breakers.permit(key, callTimeMs(policy, ports.clock.now()));
  if (permit.allowed) {
    await ports.sleep(waitMs, signal);
    return permit;
  }
  const reopensInMs = permit.reopensAt - ports.clock.now();
  if (permit.reason !== "cooling_down" || reopensInMs > MAX_SLEEP_MS || permit.reopensAt >= deadlineAt) return null;
  await ports.sleep(Math.max(waitMs, reopensInMs), signal);
  const afterwards = await ports.breakers.permit(key, callTimeMs(policy, ports.clock.now()));
  return afterwards.allowed ? afterwards : null;
}

/** How long a call may take that begins at `at`, in milliseconds. A lease is asked for that outlives it. */
export function callTimeMs(policy: Pick<ChainPolicy, "attemptTimeoutMs" | "deadlineAt">, at: number): number {
  return Math.max(1, Math.min(policy.attemptTimeoutMs, policy.deadlineAt - at));
}

/** What throws here is a fault of ours, or of the database: the permit is for somebody else then, and not lost. */
async function orGiveBack<Result>(work: Promise<Result>, giveBack: () => Promise<void>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    await giveBack();
    throw error;
  }
}

function nothingTold(model: string): CallOutcome {
  return { result: "neutral", errorKind: null, latencyMs: 0, model, retryAfterMs: null };
}

/** The object that watches over a target: one per provider and credential. */
export function breakerKey(workspaceId: string, target: Pick<ChainTarget, "provider" | "key">) {
  return { workspaceId, provider: target.provider, credential: target.key.credential };
}

/** One call. Past the agent's latency threshold it is left to end by itself, and counted when it does. */
async function complete(
  ports: ChainPorts,
  target: ChainTarget,
  request: CompletionRequest,
  policy: ChainPolicy,
  signal: AbortSignal,
  call: BegunCall,
  timeoutMs: number,
): Promise<Ended> {
  const { apiKey, baseUrl } = target.key;
  const answer = settle(
    ports.complete(
      target.provider,
      { ...request, model: target.model },
      { apiKey, baseUrl, signal, timeoutMs, clock: ports.clock },
    ),
  );
  const threshold = policy.on.latencyMs;
  if (threshold === undefined || threshold >= timeoutMs) return answer;

  const done = new AbortController();
  const slow = ports.sleep(threshold, done.signal).then(() => "slow" as const);
  const first = await Promise.race([answer, slow]);
  done.abort();
  if (first !== "slow") return first;
  ports.background(
    answer.then((late) => {
      const record = recordOf(call, late, ports.clock.now() - call.at);
      const billing = billingOf(record);
      return billing === "unknown" ? undefined : ports.onLate({ ...record, errorKind: "latency", billing });
    }),
  );
  return { ok: false, error: tooSlow(threshold), kind: "latency" };
}

async function settle(answer: Promise<Completion>): Promise<Ended> {
  try {
    return { ok: true, completion: await answer };
  } catch (error) {
    if (error instanceof ProviderError) return { ok: false, error, kind: error.kind };
    throw error;
  }
}

function recordOf(call: BegunCall, ended: Ended, latencyMs: number): ChainCall {
  if (ended.ok) {
    const { model: answeredModel, usage } = ended.completion;
    return { ...call, answeredModel, usage, latencyMs: ended.completion.latencyMs, errorKind: null, httpStatus: 200 };
  }
  const { httpStatus, usage, model: answeredModel } = ended.error;
  return { ...call, answeredModel, usage, latencyMs, errorKind: ended.kind, httpStatus };
}

function tooSlow(threshold: number): ProviderError {
  return failure("timeout", `No answer within the agent's latency threshold of ${threshold} ms.`);
}

function outOfTime(): ProviderError {
  return failure(
    "timeout",
    "The time for all of the agent's targets together is over. Raise deadlineMs, or name fewer targets.",
  );
}

function failure(kind: "timeout", message: string): ProviderError {
  return new ProviderError(kind, message, {
    httpStatus: null,
    retryAfterMs: null,
    usage: null,
    model: null,
    latencyMs: 0,
  });
}

import { isoTime } from "../core/clock.ts";
import type { Refusal } from "./breakers.ts";
import { breakerKey, callTarget, callTimeMs, type TargetResult } from "./call-target.ts";
import type { ChainCall, ChainPolicy, ChainPorts, ChainResult, ChainTarget } from "./chain-contract.ts";
import { type CompletionRequest, ProviderError } from "./contract.ts";
import { mayPass } from "./rules/after-failure.ts";
import { comeBackAt } from "./rules/come-back.ts";

/** A target that its breaker closes off. */
interface PassedOver {
  target: ChainTarget;
  refusal: Refusal;
}

type Failed = Extract<TargetResult, { ok: false }>;

/**
 * Asks one target after another until one answers, within one deadline for all. Targets whose breaker lets nobody
 * through are passed over. When that leaves none to ask, an open one may lend a call as a last resort; if none does,
 * nobody is called, and the result says when the first of them is worth asking. Never throws a provider's failure: the
 * last one is in the result, with every call that was made.
 */
export async function runChain(
  ports: ChainPorts,
  targets: readonly ChainTarget[],
  request: CompletionRequest,
  policy: ChainPolicy,
  signal: AbortSignal,
): Promise<ChainResult> {
  const calls: ChainCall[] = [];
  const refused = new Set<string>();
  const passedOver: PassedOver[] = [];
  /** When targets whose failure may pass may be asked again. */
  const comingBack: number[] = [];
  /** When money that is held by others is asked for again. */
  const awaited: number[] = [];
  let failure: Failed | undefined;
  let window = 0;

  function heardOf(target: ChainTarget, result: Failed): void {
    // That the time is over must not hide what the time went for.
    if (result.called || failure === undefined) failure = result;
    const { retryAt } = "retryAt" in result.error ? result.error : {};
    if (retryAt !== undefined) awaited.push(retryAt);
    const kind = calls.at(-1)?.errorKind ?? null;
    if (!result.called || kind === null || !mayPass(kind)) return;
    const asked = ports.clock.now() + ((result.error instanceof ProviderError ? result.error.retryAfterMs : null) ?? 0);
    comingBack.push(Math.max(asked, ports.breakers.blockedUntil(breakerKey(ports.workspaceId, target)) ?? 0));
  }

  for (const target of targets) {
    if (refused.has(credentialOf(target)) || !takesMoreThan(target, window)) continue;
    const callMs = callTimeMs(policy, ports.clock.now());
    const permit = await ports.breakers.permit(breakerKey(ports.workspaceId, target), callMs);
    if (!permit.allowed) {
      passedOver.push({ target, refusal: permit });
      continue;
    }
    const result = await callTarget(ports, target, permit, request, policy, signal, calls);
    if (result.ok) return { ok: true, completion: result.completion, target, calls };
    heardOf(target, result);
    if (result.move.move === "stop") break;
    if (result.error.kind === "auth" || result.error.kind === "quota") refused.add(credentialOf(target));
    if (result.move.largerWindow) window = Math.max(window, target.contextWindow ?? 0);
  }

  for (const each of failure === undefined ? firstToReopen(passedOver) : []) {
    const { target } = each;
    const callMs = callTimeMs(policy, ports.clock.now());
    const permit = await ports.breakers.lastResort(breakerKey(ports.workspaceId, target), callMs);
    if (!permit.allowed) {
      // Newer than the first: it tells when the next last resort is lent.
      if (permit.reason === each.refusal.reason) each.refusal = permit;
      continue;
    }
    const last = { ...target, reason: `${target.reason}; a last resort, since every target is closed off` };
    const result = await callTarget(ports, last, permit, request, { ...policy, retries: 0 }, signal, calls);
    if (result.ok) return { ok: true, completion: result.completion, target, calls };
    heardOf(target, result);
    break;
  }

  const now = ports.clock.now();
  const called = new Set(calls.map(nameOf));
  const untried = passedOver.filter(({ target }) => !called.has(nameOf(target)));
  const untriedAt = earliest([
    ...untried.map(({ refusal }) => comeBackAt(refusal, now, policy.deadlineAt)),
    ...awaited,
  ]);
  return {
    ok: false,
    error: failure?.error ?? nobodyCalled(firstToReopen(passedOver)[0], untriedAt),
    calls,
    retryAt: earliest(comingBack),
    untriedAt,
  };
}

function firstToReopen(passedOver: readonly PassedOver[]): PassedOver[] {
  return passedOver.toSorted((one, other) => one.refusal.reopensAt - other.refusal.reopensAt);
}

function earliest(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.min(...times);
}

function credentialOf(target: ChainTarget): string {
  return `${target.provider}/${target.key.credential}`;
}

function nameOf({ provider, model }: Pick<ChainTarget, "provider" | "model">): string {
  return `${provider}/${model}`;
}

/** After an input was too long, a target makes sense only when its window is larger, as far as that is known. */
function takesMoreThan(target: ChainTarget, window: number): boolean {
  return window === 0 || target.contextWindow === null || target.contextWindow > window;
}

function nobodyCalled(first: PassedOver | undefined, untriedAt: number | null): ProviderError {
  if (first === undefined || untriedAt === null) {
    return failureOf(
      "invalid_request",
      "None of the agent's targets can be called. POST /api/route/explain tells why.",
    );
  }
  const { target, refusal } = first;
  const why = {
    open: "failed too often of late",
    probing: "failed too often of late",
    cooling_down: "asked to be left alone",
  } as const satisfies Record<Refusal["reason"], string>;
  return failureOf(
    refusal.reason === "cooling_down" ? "rate_limit" : "overloaded",
    `${target.provider} ${why[refusal.reason]} and is asked again at ${isoTime(untriedAt)}; no other target is open. Allow the agent a longer deadlineMs, add a fallback, or retry the execution then.`,
  );
}

function failureOf(kind: "invalid_request" | "rate_limit" | "overloaded", message: string): ProviderError {
  return new ProviderError(kind, message, {
    httpStatus: null,
    retryAfterMs: null,
    usage: null,
    model: null,
    latencyMs: 0,
  });
}

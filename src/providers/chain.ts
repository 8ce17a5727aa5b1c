import { breakerKey, callTarget, type TargetResult } from "./call-target.ts";
import type { ChainCall, ChainPolicy, ChainPorts, ChainResult, ChainTarget } from "./chain-contract.ts";
import { type CompletionRequest, ProviderError } from "./contract.ts";

/** A permit that no breaker gave: reports under it change nothing. */
const UNPERMITTED = { generation: -1, probe: false };

/**
 * Asks one target after another until one answers, within one deadline for all. Targets whose breaker is open are
 * passed over; when that leaves none, the one that reopens first is called once rather than nothing. Never throws a
 * provider's failure: the last one is in the result, with every call that was made.
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
  let failure: Extract<TargetResult, { ok: false }> | undefined;
  let earliest: { target: ChainTarget; reopensAt: number } | undefined;
  let window = 0;

  for (const target of targets) {
    if (refused.has(credentialOf(target)) || !takesMoreThan(target, window)) continue;
    const permit = await ports.breakers.permit(breakerKey(ports.workspaceId, target));
    if (!permit.allowed) {
      if (earliest === undefined || permit.reopensAt < earliest.reopensAt)
        earliest = { target, reopensAt: permit.reopensAt };
      continue;
    }
    const result = await callTarget(ports, target, permit, request, policy, signal, calls);
    if (result.ok) return { ok: true, completion: result.completion, target, calls };
    failure = result;
    if (result.move.move === "stop") break;
    if (result.error.kind === "auth" || result.error.kind === "quota") refused.add(credentialOf(target));
    if (result.move.largerWindow) window = Math.max(window, target.contextWindow ?? 0);
  }
  if (failure === undefined && earliest !== undefined) {
    const { target } = earliest;
    const last = { ...target, reason: `${target.reason}; every target is open, and this one reopens first` };
    const result = await callTarget(ports, last, UNPERMITTED, request, { ...policy, retries: 0 }, signal, calls);
    if (result.ok) return { ok: true, completion: result.completion, target, calls };
    failure = result;
  }
  return { ok: false, error: failure?.error ?? noTarget(), calls };
}

function credentialOf(target: ChainTarget): string {
  return `${target.provider}/${target.key.credential}`;
}

/** After an input was too long, a target makes sense only when its window is larger, as far as that is known. */
function takesMoreThan(target: ChainTarget, window: number): boolean {
  return window === 0 || target.contextWindow === null || target.contextWindow > window;
}

function noTarget(): ProviderError {
  return new ProviderError(
    "invalid_request",
    "None of the agent's targets can be called. POST /api/route/explain tells why.",
    {
      httpStatus: null,
      retryAfterMs: null,
      usage: null,
      model: null,
      latencyMs: 0,
    },
  );
}

import type { ChainCall, ChainTarget } from "../chain-contract.ts";

/** One step from a target to the next. */
export interface Hop {
  /** The number of the first call to the new target. */
  attempt: number;
  at: number;
  fromProvider: string;
  fromModel: string;
  toProvider: string;
  toModel: string;
  /** How the target before failed, or why it was not called at all: `breaker_open`, or `not_configured`. */
  reason: string;
  /** Whether the new target answered. */
  success: boolean;
}

/** Why a target was not called at all. */
export type NotCalled = "breaker_open" | "not_configured";

/**
 * The fallbacks that a run of the chain made, in order: where its calls left one target for another.
 *
 * @param notCalled why `first` was passed over, in case it was
 */
export function hopsOf(
  first: Pick<ChainTarget, "provider" | "model"> | undefined,
  calls: readonly ChainCall[],
  notCalled: NotCalled = "breaker_open",
): Hop[] {
  const hops: Hop[] = [];
  let from: Pick<ChainTarget, "provider" | "model"> | undefined = first;
  let reason: string = notCalled;
  for (const call of calls) {
    if (from && (call.provider !== from.provider || call.model !== from.model)) {
      const { provider: toProvider, model: toModel, attempt, at } = call;
      hops.push({
        attempt,
        at,
        fromProvider: from.provider,
        fromModel: from.model,
        toProvider,
        toModel,
        reason,
        success: false,
      });
    }
    const hop = hops.at(-1);
    if (hop && call.errorKind === null) hop.success = true;
    from = call;
    reason = call.errorKind ?? "breaker_open";
  }
  return hops;
}

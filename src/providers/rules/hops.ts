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
  /** How the target before failed, or `breaker_open` when it was not called at all. */
  reason: string;
  /** Whether the new target answered. */
  success: boolean;
}

/** The fallbacks that a run of the chain made, in order: where its calls left one target for another. */
export function hopsOf(first: Pick<ChainTarget, "provider" | "model"> | undefined, calls: readonly ChainCall[]): Hop[] {
  const hops: Hop[] = [];
  let from: Pick<ChainTarget, "provider" | "model"> | undefined = first;
  let reason: string = "breaker_open";
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

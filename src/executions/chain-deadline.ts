import type { Agent } from "../definitions/index.ts";
import { DEFAULT_CHAIN_DEADLINE_MS } from "./limits.ts";
import type { ClaimedStep } from "./store/claimed-step.ts";

/** When all of an agent's targets together must have answered, waits over the queue among them, in epoch milliseconds. */
export function chainEndsAt({ startedAt }: Pick<ClaimedStep, "startedAt">, { fallback }: Agent): number {
  return startedAt + (fallback?.deadlineMs ?? DEFAULT_CHAIN_DEADLINE_MS);
}

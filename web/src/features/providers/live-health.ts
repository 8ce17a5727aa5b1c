import type { LiveEvent } from "../../api/client.ts";
import type { Health } from "./queries.ts";

const STATES = ["closed", "open", "half_open"] as const satisfies readonly Health["state"][];

/** The providers after an event of a breaker: its state at once; rates and times follow when they are asked for again. */
export function patchedHealth(items: readonly Health[], event: Extract<LiveEvent, { type: "breaker" }>): Health[] {
  const state = STATES.find((each) => each === event.state);
  return items.map((item) => (item.provider === event.provider && state !== undefined ? { ...item, state } : item));
}

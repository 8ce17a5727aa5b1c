import type { ErrorKind, FinishReason, Usage } from "../contract.ts";

/** What an adapter makes of its provider's answer, before anybody says whether it is good. */
export interface Reading {
  /** Empty when the answer holds none. */
  text: string;
  /** `null` when the answer does not name its model. */
  model: string | null;
  finishReason: FinishReason;
  /** The model, or the provider's filter, declined. */
  refused: boolean;
  usage: Usage | null;
}

/** Why an answer is no good. `eaten`: reasoning took all the tokens that the request allowed. */
export type Fault = { kind: Extract<ErrorKind, "content_policy" | "malformed" | "invalid_request">; eaten: boolean };

/**
 * The fault of an answer, or `null` when it can be used. A text that a filter cut is not used: what is missing may
 * be the part that mattered. An answer that its length cut is, and says so in its finish reason.
 */
export function judge(reading: Reading): Fault | null {
  if (reading.refused || reading.finishReason === "content_filter") return { kind: "content_policy", eaten: false };
  if (reading.text.trim() !== "") return null;
  // Asking again for as few tokens would be paid again for the same nothing: the request is what is wrong.
  return reading.finishReason === "length"
    ? { kind: "invalid_request", eaten: true }
    : { kind: "malformed", eaten: false };
}

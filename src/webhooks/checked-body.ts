import { jsonFault } from "../definitions/index.ts";
import { type Body, parseBody } from "./rules/body.ts";

/** What an execution can hold of an input: numbers written out may be longer than they came. */
export const PAYLOAD_LIMITS = { maxBytes: 1_000_000, maxDepth: 64 };

/** {@link parseBody}, and a payload that an execution cannot hold as its input is a fault as well. */
export function checkedBody(bytes: Uint8Array, contentType: string | null): Body {
  const body = parseBody(bytes, contentType);
  if (!body.ok) return body;
  const fault = jsonFault(body.payload, PAYLOAD_LIMITS);
  return fault === null ? body : { ok: false, message: `The body ${fault}. Send it without.` };
}

import { DomainError } from "../core/errors.ts";
import { checkedBody } from "./checked-body.ts";
import { CallRefused, type Door, type IncomingCall, nothingHere } from "./door.ts";
import type { FoundWebhook } from "./find-webhook.ts";
import { MAX_BODY_BYTES, MAX_WAIT_SECONDS } from "./inputs.ts";
import { applyMapping } from "./mapping.ts";
import { readBody } from "./read-body.ts";
import { addressAllowed } from "./rules/address.ts";
import { deliveryIdOf } from "./rules/delivery-id.ts";
import { verifySignature } from "./rules/signature.ts";
import { openSecret, openSigningSecret } from "./secrets.ts";

/** A call that is its sender's own: from an allowed address, and signed where that is asked for. */
export interface GenuineCall {
  payload: unknown;
  deliveryId: string | null;
}

/**
 * What can be said of a call without reading or writing anything: whether the webhook takes calls, from this address, of
 * this size, with this signature, and whether the body can be read. In this order, each check cheaper than the next.
 * Throws {@link CallRefused}.
 */
export async function judgeCall(door: Door, webhook: FoundWebhook, call: IncomingCall): Promise<GenuineCall> {
  if (!webhook.enabled)
    throw new CallRefused("enabled", nothingHere(), { detail: "The webhook is disabled. Enable it to take calls." });
  if (!addressAllowed(webhook.ipWhitelist, call.ip)) {
    const message = "This address may not call the webhook. Its owner can add it to the ipWhitelist.";
    throw new CallRefused("address", new DomainError("address_not_allowed", message));
  }
  const rawBody = await bodyOf(call);
  if (rawBody === null) {
    const message = `The body is over ${MAX_BODY_BYTES} bytes. Send less, or where to fetch the rest.`;
    throw new CallRefused("size", new DomainError("body_too_large", message));
  }
  await assertSigned(door, webhook, call, rawBody);
  const body = checkedBody(rawBody, call.headers.get("Content-Type"));
  if (!body.ok) throw new CallRefused("body", new DomainError("malformed_request", body.message));
  const { payload } = body;
  return { payload, deliveryId: await deliveryIdOf(call.headers, webhook.signature.scheme, payload) };
}

/** Read errors are the sender's: it went away, or its body broke off. */
async function bodyOf({ body, headers }: IncomingCall): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return await readBody(body, headers.get("Content-Length"), MAX_BODY_BYTES);
  } catch (error) {
    const message = "The body broke off before its end. Send the call again.";
    throw new CallRefused("body", new DomainError("malformed_request", message, { cause: error }));
  }
}

async function assertSigned(
  door: Door,
  webhook: FoundWebhook,
  { headers }: IncomingCall,
  rawBody: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const { signature } = webhook;
  if (signature.scheme === "none") return;
  const secrets = await signingSecrets(door, webhook);
  const verdict = await verifySignature({ signature, secrets, headers, rawBody, now: door.engine.clock.now() });
  if (verdict.ok) return;
  const message = "The signature does not fit. Compare the signing secret, and sign the bytes that are sent.";
  throw new CallRefused(verdict.failedCheck, new DomainError("signature_invalid", message), {
    detail: verdict.message,
  });
}

/** Any of these may sign: the sender's own secret, or those of the address, of which one may be in its grace. */
async function signingSecrets({ settings }: Door, webhook: FoundWebhook): Promise<string[]> {
  const sealed =
    webhook.signingSecret === null
      ? webhook.secrets.map((secret) => openSecret(settings, webhook, secret))
      : [openSigningSecret(settings, webhook, webhook.signingSecret)];
  return (await Promise.all(sealed)).filter((secret) => secret !== null);
}

/** The execution's input that a payload makes. Throws {@link CallRefused} with the places of its faults. */
export function mapPayload(mapping: FoundWebhook["mapping"], payload: unknown): unknown {
  const mapped = applyMapping(mapping, payload);
  if (mapped.ok) return mapped.input;
  const message = "The payload does not fit the webhook's mapping. See details for each field.";
  throw new CallRefused("mapping", new DomainError("mapping_failed", message, { details: mapped.faults }));
}

/** `?wait=` in seconds, 0 without. Throws {@link CallRefused}: ignored, it would have its caller wait for nothing. */
export function secondsToWait(wait: string | undefined): number {
  if (wait === undefined) return 0;
  if (/^\d{1,2}$/.test(wait) && Number(wait) <= MAX_WAIT_SECONDS) return Number(wait);
  const message = `takes whole seconds, from 0 to ${MAX_WAIT_SECONDS}`;
  throw new CallRefused(
    "wait",
    new DomainError("invalid_fields", `The query's wait ${message}.`, { details: [{ path: "wait", message }] }),
  );
}

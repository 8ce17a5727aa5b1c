import type { SignatureScheme } from "../../src/webhooks/rules/signature-scheme.ts";
import { base64, signingKeyBytes, utf8 } from "../../src/webhooks/rules/signing-key.ts";

const HMAC = { name: "HMAC", hash: "SHA-256" } as const;

/** What {@link signSample} signs. */
export interface Sample {
  signature: SignatureScheme;
  secret: string;
  rawBody: Uint8Array;
  /** Sent as the delivery id where the scheme has a header for one. */
  deliveryId: string;
  /** Epoch milliseconds. */
  now: number;
}

/** The headers that a sender of this scheme would send. Throws when the secret is unusable. */
export async function signSample(sample: Sample): Promise<Record<string, string>> {
  const { signature, deliveryId } = sample;
  const time = String(Math.floor(sample.now / 1_000));
  switch (signature.scheme) {
    case "none":
      return {};
    case "github":
      return {
        "X-Hub-Signature-256": `sha256=${hex(await mac(sample, ""))}`,
        "X-GitHub-Delivery": deliveryId,
      };
    case "standard":
      return {
        "webhook-id": deliveryId,
        "webhook-timestamp": time,
        "webhook-signature": `v1,${base64(await mac(sample, `${deliveryId}.${time}.`))}`,
      };
    case "stripe":
      return { "Stripe-Signature": `t=${time},v1=${hex(await mac(sample, `${time}.`))}` };
    case "hmac": {
      const bytes = await mac(sample, "");
      return { [signature.header]: signature.prefix + (signature.encoding === "hex" ? hex(bytes) : base64(bytes)) };
    }
  }
}

async function mac({ signature, secret, rawBody }: Sample, before: string): Promise<Uint8Array> {
  const bytes = signingKeyBytes(secret, signature.scheme);
  if (bytes === null) throw new RangeError("what follows whsec_ in the signing secret is no base64");
  const key = await crypto.subtle.importKey("raw", bytes, HMAC, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, new Uint8Array([...utf8(before), ...rawBody])));
}

/** Lower-case hex. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

import { failed, type SignatureScheme, type Verification } from "./signature-scheme.ts";
import { readClaim } from "./signed-parts.ts";
import { acceptedKeys, base64, hex, signingKeyBytes, utf8 } from "./signing-key.ts";

const HMAC = { name: "HMAC", hash: "SHA-256" } as const;

/** A call as it came, and what it is held against. */
export interface SignedCall {
  signature: SignatureScheme;
  /** Signing secrets, any of which will do: the present one, and the one before while its grace lasts. */
  secrets: readonly string[];
  headers: Headers;
  /** Byte for byte as received: parsed and written again, a body has another signature. */
  rawBody: Uint8Array;
  /** Epoch milliseconds. */
  now: number;
}

/**
 * Whether a call is signed with one of the secrets. Everything is signed with HMAC-SHA-256 and compared by WebCrypto,
 * in constant time. Total: whatever is sent, the answer is yes or the check that failed.
 */
export async function verifySignature({
  signature,
  secrets,
  headers,
  rawBody,
  now,
}: SignedCall): Promise<Verification> {
  if (signature.scheme === "none") return { ok: true };
  const claim = readClaim(signature, headers, now);
  if (!claim.ok) return claim;
  const keys = secrets.flatMap((secret) => acceptedKeys(secret, signature.scheme));
  if (keys.length === 0) {
    return failed("secret_unusable", "The signing secret is empty, or what follows whsec_ is no base64. Set it again.");
  }
  const signed = joined(claim.signedBefore, rawBody);
  for (const bytes of keys) {
    const key = await crypto.subtle.importKey("raw", bytes, HMAC, false, ["verify"]);
    for (const one of claim.signatures) {
      if (await crypto.subtle.verify("HMAC", key, one, signed)) return { ok: true };
    }
  }
  return failed(
    "signature_mismatch",
    "The signature fits no signing secret of this webhook over the body that came. Compare the secret at the sender, and whether something on the way rewrites the body.",
  );
}

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
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, joined(utf8(before), rawBody)));
}

function joined(before: Uint8Array, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(before.length + body.length);
  all.set(before);
  all.set(body, before.length);
  return all;
}

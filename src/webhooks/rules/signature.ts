import { failed, type SignatureScheme, type Verification } from "./signature-scheme.ts";
import { readClaim } from "./signed-parts.ts";
import { acceptedKeys } from "./signing-key.ts";

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

function joined(before: Uint8Array, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(before.length + body.length);
  all.set(before);
  all.set(body, before.length);
  return all;
}

import type { SignatureScheme } from "./signature-scheme.ts";

const STANDARD_PREFIX = "whsec_";

/**
 * The key that signs for a secret under a scheme. Standard Webhooks writes its keys as `whsec_` and base64; any other
 * text stands for its UTF-8 bytes. Stripe's secrets begin with `whsec_` too and yet are used as they stand, prefix
 * and all. `null` when what follows the prefix is no base64.
 */
export function signingKeyBytes(secret: string, scheme: SignatureScheme["scheme"]): Uint8Array<ArrayBuffer> | null {
  const encoded = scheme !== "stripe" && secret.startsWith(STANDARD_PREFIX);
  return encoded ? bytesOfBase64(secret.slice(STANDARD_PREFIX.length)) : utf8(secret);
}

/**
 * Every key that a secret may stand for, the likeliest first: who set `whsec_...` with GitHub or a sender of its own
 * may have a sender that decodes it, or one that signs with the text.
 */
export function acceptedKeys(secret: string, scheme: SignatureScheme["scheme"]): Uint8Array<ArrayBuffer>[] {
  const decoded = secret.startsWith(STANDARD_PREFIX) ? bytesOfBase64(secret.slice(STANDARD_PREFIX.length)) : null;
  const forms =
    scheme === "standard"
      ? [signingKeyBytes(secret, scheme)]
      : [signingKeyBytes(secret, scheme), utf8(secret), decoded];
  // WebCrypto refuses to import an empty key, and everyone could sign with it.
  const usable = forms.filter((form) => form !== null).filter((form) => form.length > 0);
  return usable.filter((form, at) => usable.findIndex((other) => sameBytes(form, other)) === at);
}

/** A webhook's secret key as stock libraries of Standard Webhooks take it: `whsec_` and base64 of its UTF-8 bytes. */
export function signingSecretOf(secretKey: string): string {
  return secretKey.startsWith(STANDARD_PREFIX) ? secretKey : `${STANDARD_PREFIX}${base64(utf8(secretKey))}`;
}

/** Base64 with padding (RFC 4648, section 4). */
export function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** The bytes of base64 in either alphabet, padded or not; `null` for anything else. */
export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> | null {
  const plain = text
    .replaceAll("-", "+")
    .replaceAll("_", "/")
    .replace(/={1,2}$/, "");
  // A remainder of one character holds no byte, and atob would throw.
  if (!/^[A-Za-z0-9+/]*$/.test(plain) || plain.length % 4 === 1) return null;
  return Uint8Array.from(atob(plain), (character) => character.charCodeAt(0));
}

/** The bytes of hex in either case; `null` for anything else. */
export function bytesOfHex(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 2 === 1 || !/^[0-9a-fA-F]*$/.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(at * 2, at * 2 + 2), 16));
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  // Node's types leave open what buffer stands behind it; WebCrypto's ask for a plain one.
  return new Uint8Array(new TextEncoder().encode(text));
}

/** Both are forms of one secret that its owner set, so the time that this takes tells nobody anything. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

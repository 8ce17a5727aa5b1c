import { failed, type SignatureScheme, type Verification } from "./signature-scheme.ts";
import { bytesOfBase64, bytesOfHex, utf8 } from "./signing-key.ts";

/** How far a signed time may lie from ours, either way: Standard Webhooks and Stripe both name five minutes. */
export const TOLERANCE_SECONDS = 300;
/** A sender that rolls its secret signs with two or three. More would only make this Worker compute. */
const MAX_SIGNATURES = 8;
const SHA256_BYTES = 32;

/** What a call claims: the signatures, any of which will do, and what each would have signed before the raw body. */
export interface Claim {
  ok: true;
  signatures: Uint8Array<ArrayBuffer>[];
  signedBefore: Uint8Array<ArrayBuffer>;
}

type Read = Claim | (Verification & { ok: false });
type Signed = Exclude<SignatureScheme, { scheme: "none" }>;

const NOTHING = new Uint8Array();

/** Reads what a call's headers claim under a scheme. `now` in epoch milliseconds. Total. */
export function readClaim(signature: Signed, headers: Headers, now: number): Read {
  switch (signature.scheme) {
    case "github":
      return bare({ header: "X-Hub-Signature-256", encoding: "hex", prefix: "sha256=" }, headers);
    case "hmac":
      return bare(signature, headers);
    case "standard":
      return standard(headers, now);
    case "stripe":
      return stripe(headers, now);
  }
}

/** One signature over the body alone. GitHub: "Validating webhook deliveries". */
function bare(of: { header: string; encoding: "hex" | "base64"; prefix: string }, headers: Headers): Read {
  const value = headers.get(of.header);
  if (!value) return missing(of.header);
  const digits = value.startsWith(of.prefix) ? value.slice(of.prefix.length) : null;
  const bytes = digits === null ? null : of.encoding === "hex" ? bytesOfHex(digits) : bytesOfBase64(digits);
  if (bytes?.length !== SHA256_BYTES) {
    const form = `${of.prefix}${of.encoding === "hex" ? "<64 hex digits>" : "<44 characters of base64>"}`;
    return failed("signature_malformed", `The header ${of.header} is not ${form}. Check encoding and prefix.`);
  }
  return { ok: true, signatures: [bytes], signedBefore: NOTHING };
}

/** Standard Webhooks 1.0.0, "Signature scheme": `id.timestamp.body`, signatures `v1,<base64>` apart by spaces. */
function standard(headers: Headers, now: number): Read {
  const id = headers.get("webhook-id");
  const time = headers.get("webhook-timestamp");
  const value = headers.get("webhook-signature");
  if (!id) return missing("webhook-id");
  if (!time) return missing("webhook-timestamp");
  if (!value) return missing("webhook-signature");
  const signatures = value
    .split(" ")
    .filter((one) => one.startsWith("v1,"))
    .map((one) => bytesOfBase64(one.slice("v1,".length)));
  return timed(time, signatures, `${id}.${time}.`, { header: "webhook-signature", form: "v1,<base64>", now });
}

/** Stripe, "Verify webhook signatures manually": `t=<seconds>,v1=<hex>,...` over `t.body`; `v0` is never accepted. */
function stripe(headers: Headers, now: number): Read {
  const value = headers.get("Stripe-Signature");
  if (!value) return missing("Stripe-Signature");
  const parts = value.split(",").map((part) => part.trim());
  const time = parts.find((part) => part.startsWith("t="))?.slice("t=".length) ?? "";
  const signatures = parts.filter((part) => part.startsWith("v1=")).map((part) => bytesOfHex(part.slice("v1=".length)));
  return timed(time, signatures, `${time}.`, { header: "Stripe-Signature", form: "t=<seconds>,v1=<hex>", now });
}

function timed(
  time: string,
  given: readonly (Uint8Array<ArrayBuffer> | null)[],
  signedBefore: string,
  { header, form, now }: { header: string; form: string; now: number },
): Read {
  if (!/^\d{1,12}$/.test(time)) {
    return failed("timestamp_malformed", `The time that belongs to ${header} is not in whole seconds since 1970.`);
  }
  const away = Math.floor(now / 1_000) - Number(time);
  if (Math.abs(away) > TOLERANCE_SECONDS) {
    const which = away > 0 ? "old" : "ahead of time";
    return failed(
      "timestamp_outside_tolerance",
      `The call was signed ${Math.abs(away)} seconds ${which}; ${TOLERANCE_SECONDS} are tolerated. Check the sender's clock, and whether it repeats old calls without signing them anew.`,
    );
  }
  const signatures = given
    .filter((one) => one !== null)
    .filter((one) => one.length === SHA256_BYTES)
    .slice(0, MAX_SIGNATURES);
  if (signatures.length === 0) return failed("signature_malformed", `The header ${header} is not ${form}.`);
  return { ok: true, signatures, signedBefore: utf8(signedBefore) };
}

function missing(header: string): Verification & { ok: false } {
  return failed("signature_missing", `The header ${header} is missing. Set the signing secret at the sender.`);
}

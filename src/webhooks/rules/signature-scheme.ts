/** How a sender proves that a call is its own. Stored with the webhook; the secret stands apart, encrypted. */
export type SignatureScheme =
  | { scheme: "none" }
  | { scheme: "github" }
  | { scheme: "standard" }
  | { scheme: "stripe" }
  | {
      scheme: "hmac";
      /** The header that holds the signature. */
      header: string;
      encoding: "hex" | "base64";
      /** What stands before the signature in the header, such as `sha256=`. May be empty. */
      prefix: string;
    };

/** Which check of a signature failed, by name. */
export type SignatureCheck =
  | "signature_missing"
  | "signature_malformed"
  | "signature_mismatch"
  | "timestamp_malformed"
  | "timestamp_outside_tolerance"
  | "secret_unusable";

export type Verification =
  | { ok: true }
  /** The message is for the webhook's owner, says what to do, and holds nothing of the call but header names. */
  | { ok: false; failedCheck: SignatureCheck; message: string };

/** A refusal by the named check. */
export function failed(failedCheck: SignatureCheck, message: string): Verification & { ok: false } {
  return { ok: false, failedCheck, message };
}

import type { Webhook } from "./queries.ts";

export type Signature = Webhook["signature"];

/** What an example is made for. */
export interface ExampleTarget {
  url: string;
  /** The key that signs, as the scheme takes it. */
  secret: string;
  signature: Signature;
}

const BODY = `{"event": "ping"}`;
/** HMAC-SHA256 of standard input with the text of the secret. */
const HMAC = `openssl dgst -sha256 -hmac "$SECRET"`;

/**
 * Commands for a shell that sign a call and send it, each as the sender of the scheme does it. They need curl and
 * openssl alone.
 */
export function exampleOf({ url, secret, signature }: ExampleTarget): string {
  const head = [`URL=${quoted(url)}`, ...(signature.scheme === "none" ? [] : [`SECRET=${quoted(secret)}`])];
  return [...head, `BODY=${quoted(BODY)}`, ...signed(signature)].join("\n");
}

function signed(signature: Signature): string[] {
  switch (signature.scheme) {
    case "none":
      return [post()];
    case "github":
      return [
        `SIGNATURE=$(printf '%s' "$BODY" | ${HMAC} -r | cut -d' ' -f1)`,
        post(
          "'X-GitHub-Event: ping'",
          '"X-GitHub-Delivery: $(date +%s)-$$"',
          '"X-Hub-Signature-256: sha256=$SIGNATURE"',
        ),
      ];
    case "stripe":
      return [
        "TIME=$(date +%s)",
        `SIGNATURE=$(printf '%s' "$TIME.$BODY" | ${HMAC} -r | cut -d' ' -f1)`,
        post('"Stripe-Signature: t=$TIME,v1=$SIGNATURE"'),
      ];
    case "standard":
      return [
        "TIME=$(date +%s)",
        'ID="msg_$TIME-$$"',
        // The key is what the base64 behind whsec_ stands for, and openssl takes bytes as hex.
        `KEY=$(printf '%s' "\${SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')`,
        `SIGNATURE=$(printf '%s' "$ID.$TIME.$BODY" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | openssl base64 -A)`,
        post('"webhook-id: $ID"', '"webhook-timestamp: $TIME"', '"webhook-signature: v1,$SIGNATURE"'),
      ];
    case "hmac": {
      const { header = "X-Signature", encoding = "hex", prefix = "" } = signature;
      const ends = encoding === "hex" ? `${HMAC} -r | cut -d' ' -f1` : `${HMAC} -binary | openssl base64 -A`;
      return [`SIGNATURE=$(printf '%s' "$BODY" | ${ends})`, post(`${quoted(`${header}: ${prefix}`)}"$SIGNATURE"`)];
    }
  }
}

/** The call itself, a header a line. */
function post(...headers: string[]): string {
  const given = ["'Content-Type: application/json'", ...headers].map((header) => `-H ${header}`);
  return [`curl -X POST "$URL"`, ...given, `--data-binary "$BODY"`].join(" \\\n  ");
}

/** A text as a shell takes it, whatever it holds. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What to enter where at the sender, step by step. */
export function stepsOf({ scheme, header }: Signature): string[] {
  switch (scheme) {
    case "none":
      return [
        "Have the sender POST JSON or a form to the URL. Whoever knows the URL can call it: choose a scheme if the sender can sign.",
      ];
    case "github":
      return [
        "In the repository open Settings, Webhooks, Add webhook.",
        "Paste the URL as Payload URL, and choose application/json as Content type.",
        "Paste the signing secret as Secret, and choose the events.",
      ];
    case "stripe":
      return [
        "In Stripe's Workbench open Webhooks, and add a destination with the URL as its endpoint.",
        "Stripe then shows a signing secret of its own, which begins with whsec_. Enter it above as the sender's secret.",
      ];
    case "standard":
      return [
        "At a sender that follows Standard Webhooks, add an endpoint with the URL.",
        "Give it the signing secret, which begins with whsec_; or enter above the one that it shows.",
      ];
    case "hmac":
      return [
        `Have the sender sign the body with HMAC-SHA256 and send the result in the header ${header ?? "that you name"}.`,
        "Sign the bytes that are sent, before anything formats them again.",
      ];
  }
}

/** The key that signs for a webhook; null where it is masked or cannot be read. */
export function signingSecretOf({ signature, signingSecret, secretKey }: Webhook): string | null {
  return signingSecret ?? signature.secret ?? secretKey;
}

import type { Signature } from "./signing-example.ts";

/** Senders by what they sign with, as people choose them. */
export const SCHEMES: readonly { value: Signature["scheme"]; label: string; sentence: string }[] = [
  { value: "none", label: "No signature", sentence: "Whoever knows the URL may call." },
  { value: "github", label: "GitHub", sentence: "X-Hub-Signature-256 over the body." },
  { value: "stripe", label: "Stripe", sentence: "Stripe-Signature over time and body, five minutes tolerated." },
  {
    value: "standard",
    label: "Standard Webhooks",
    sentence: "webhook-id, webhook-timestamp and webhook-signature, five minutes tolerated.",
  },
  { value: "hmac", label: "HMAC-SHA256", sentence: "A header of your choice over the body." },
];

/** A scheme by the name that people know. */
export function schemeName(scheme: Signature["scheme"]): string {
  return SCHEMES.find(({ value }) => value === scheme)?.label ?? scheme;
}

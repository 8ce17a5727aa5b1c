import { sha256Hex } from "../../core/hash.ts";
import type { SignatureScheme } from "./signature-scheme.ts";

/** Longer ones, and those that no header could hold, are known by their digest: cut off, two could be the same. */
const SHOWN = /^[\x21-\x7e]{1,255}$/;

const HEADERS = ["webhook-id", "X-GitHub-Delivery", "Idempotency-Key"] as const;

/**
 * The id by which a repeated call is known, at most 255 characters of ASCII; `null` when the sender gives none. What
 * the scheme itself names stands first, since under Standard Webhooks and Stripe it is signed and an intruder who
 * repeats a call cannot change it.
 */
export async function deliveryIdOf(
  headers: Headers,
  scheme: SignatureScheme["scheme"],
  parsedBody: unknown,
): Promise<string | null> {
  const event = scheme === "stripe" ? idMember(parsedBody) : null;
  const order = scheme === "github" ? (["X-GitHub-Delivery", ...HEADERS] as const) : HEADERS;
  const id = event ?? order.map((name) => headers.get(name)?.trim()).find(Boolean) ?? null;
  if (id === null || SHOWN.test(id)) return id;
  return `sha256:${await sha256Hex(id)}`;
}

function idMember(body: unknown): string | null {
  if (typeof body !== "object" || body === null || !Object.hasOwn(body, "id") || !("id" in body)) return null;
  return typeof body.id === "string" && body.id !== "" ? body.id : null;
}

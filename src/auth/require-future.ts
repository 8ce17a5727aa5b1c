import { DomainError } from "../core/errors.ts";

/** Throws `invalid_fields` for an expiry (epoch milliseconds) that has passed: it would be dead on arrival. */
export function requireFuture(expiresAt: number, now: number): void {
  if (expiresAt > now) return;
  throw new DomainError("invalid_fields", "The expiry lies in the past. Give a later time.", {
    details: [{ path: "expiresAt", message: "must be in the future" }],
  });
}

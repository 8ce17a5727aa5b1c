import { v7 } from "uuid";
import type { Clock } from "./clock.ts";

/** Makes row ids and random secrets. Passed in, so that tests can foresee them. */
export interface Ids {
  /** A UUIDv7: sorts by the time of its making. */
  next(): string;
  /** `bytes` random bytes in base64url, without padding. */
  secret(bytes: number): string;
}

/** The ids of production: UUIDv7 from the given clock, secrets from the runtime's CSPRNG. */
export function randomIds(clock: Clock): Ids {
  return {
    next: () => v7({ msecs: clock.now() }),
    secret: (bytes) => base64Url(crypto.getRandomValues(new Uint8Array(bytes))),
  };
}

/** Base64url without padding (RFC 4648, section 5). */
export function base64Url(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

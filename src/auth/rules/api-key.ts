/** What every API key begins with, so that secret scanners and people recognise one. */
export const API_KEY_PREFIX = "swarm_";

/** 32 bytes: nobody guesses 256 bits, so one round of SHA-256 is enough to store them by. */
export const SECRET_BYTES = 32;

const SHOWN_CHARACTERS = API_KEY_PREFIX.length + 6;

/** The part of a key that may be shown again: six characters of the 43 that are secret. */
export function shownPrefix(key: string): string {
  return key.slice(0, SHOWN_CHARACTERS);
}

/**
 * The API key in an `Authorization` header. `undefined` without a bearer token (another scheme is for a proxy on
 * the way); `null` when a bearer token is there that cannot be a key of ours.
 */
export function bearerKey(authorization: string | null): string | null | undefined {
  const match = /^bearer +(\S+) *$/i.exec(authorization ?? "");
  if (match === null) return /^bearer\b/i.test(authorization ?? "") ? null : undefined;
  const token = match[1] ?? "";
  return token.startsWith(API_KEY_PREFIX) ? token : null;
}

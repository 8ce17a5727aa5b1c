/** The only format so far: this byte, 12 bytes of IV, then AES-256-GCM's ciphertext with its 16-byte tag. */
const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Separates these keys from any other that is ever derived from the same secret. */
const PURPOSE = new TextEncoder().encode("swarm secrets at rest, AES-256-GCM, version 1");

/** Where a sealed text belongs. Moved to another workspace, row or field it cannot be opened. */
export interface Place {
  workspaceId: string;
  /** The id of the row that holds it. */
  row: string;
  /** Table and column: `credentials.ciphertext`. */
  field: string;
}

/** The secrets of this installation that keep its other secrets. */
export interface CipherSettings {
  /** At least 32 characters, drawn at random. What is sealed from now on is sealed with this one. */
  ENCRYPTION_KEY: string;
  /** The one before, while something is left that was sealed with it. Only ever opens. */
  ENCRYPTION_KEY_PREVIOUS?: string | undefined;
}

/** A sealed text that cannot be opened: sealed with another secret, for another place, or altered. It holds no text. */
export class UnreadableSecret extends Error {
  constructor() {
    super("A stored secret cannot be decrypted with ENCRYPTION_KEY or ENCRYPTION_KEY_PREVIOUS.");
  }
}

/**
 * Seals a text for its place: base64 of version, IV and ciphertext. Two calls never give the same.
 *
 * The IV is not passed in like other randomness, because a test's or a caller's repeated one would give away the
 * key stream, and the authentication key with it (NIST SP 800-38D, section 8).
 */
export async function encrypt(settings: CipherSettings, plain: string, place: Place): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const key = await keyOf(settings.ENCRYPTION_KEY);
  const parameters = { name: "AES-GCM", iv, additionalData: bytesOfPlace(place) };
  const sealed = new Uint8Array(await crypto.subtle.encrypt(parameters, key, new TextEncoder().encode(plain)));
  return toBase64(new Uint8Array([VERSION, ...iv, ...sealed]));
}

/** Opens what {@link encrypt} sealed for this place, with either secret. Throws {@link UnreadableSecret}. */
export async function decrypt(settings: CipherSettings, sealed: string, place: Place): Promise<string> {
  const bytes = fromBase64(sealed);
  if (bytes === null || bytes[0] !== VERSION || bytes.length < 1 + IV_BYTES + TAG_BYTES) throw new UnreadableSecret();
  const { ENCRYPTION_KEY: current, ENCRYPTION_KEY_PREVIOUS: previous } = settings;
  for (const secret of previous === undefined ? [current] : [current, previous]) {
    const plain = await open(await keyOf(secret), bytes, place);
    if (plain !== null) return plain;
  }
  throw new UnreadableSecret();
}

async function open(key: CryptoKey, bytes: Uint8Array, place: Place): Promise<string | null> {
  const iv = bytes.slice(1, 1 + IV_BYTES);
  const parameters = { name: "AES-GCM", iv, additionalData: bytesOfPlace(place) };
  try {
    const plain = await crypto.subtle.decrypt(parameters, key, bytes.slice(1 + IV_BYTES));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plain);
  } catch {
    // WebCrypto says no more than that the tag does not fit, for a wrong key and an altered text alike.
    return null;
  }
}

/** A list in JSON and not the parts joined: `a` + `bc` and `ab` + `c` must not be the same place. */
function bytesOfPlace({ workspaceId, row, field }: Place): Uint8Array {
  return new TextEncoder().encode(JSON.stringify([VERSION, workspaceId, row, field]));
}

const derived = new Map<string, CryptoKey>();

/** The AES key behind a secret, derived once an isolate. The key is kept and not its promise, which would belong to one request. */
async function keyOf(secret: string): Promise<CryptoKey> {
  const key = derived.get(secret) ?? (await derive(secret));
  derived.set(secret, key);
  return key;
}

/**
 * HKDF-SHA256 (RFC 5869) without a salt, which its section 3.1 allows for a secret that is random as it is. So any
 * text that is long and random enough will do, in whatever encoding it was made.
 */
async function derive(secret: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), "HKDF", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: PURPOSE },
    material,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

import { type CipherSettings, decrypt, encrypt, UnreadableSecret } from "../core/cipher.ts";
import { sha256Hex } from "../core/hash.ts";
import type { Ids } from "../core/ids.ts";

/** 32 bytes: nobody guesses 256 bits, so one round of SHA-256 is enough to find a webhook by. */
const SECRET_BYTES = 32;

/** Which row a sealed secret belongs to. */
interface RowKey {
  workspaceId: string;
  id: string;
}

/** A secret as the row keeps it: to be found by, and to be shown again. */
export interface KeptSecret {
  secretHash: string;
  secret: string;
}

/** Makes a secret for a webhook's address. It leaves this process sealed, and to editors. */
export async function newSecret(settings: CipherSettings, ids: Ids, row: RowKey): Promise<KeptSecret> {
  const plain = ids.secret(SECRET_BYTES);
  return { secretHash: await sha256Hex(plain), secret: await encrypt(settings, plain, placeOf(row, "secret")) };
}

/**
 * The secret of an address, the present one or the one before: a rotation moves the sealed text from one column to the
 * other, so that both have one place. `null` when ENCRYPTION_KEY has changed since it was sealed.
 */
export function openSecret(settings: CipherSettings, row: RowKey, sealed: string): Promise<string | null> {
  return opened(settings, row, "secret", sealed);
}

/** Seals the signing secret that a sender dictates. */
export function sealSigningSecret(settings: CipherSettings, row: RowKey, plain: string): Promise<string> {
  return encrypt(settings, plain, placeOf(row, "signing_secret"));
}

/** What {@link sealSigningSecret} sealed; `null` when ENCRYPTION_KEY has changed since. */
export function openSigningSecret(settings: CipherSettings, row: RowKey, sealed: string): Promise<string | null> {
  return opened(settings, row, "signing_secret", sealed);
}

async function opened(
  settings: CipherSettings,
  row: RowKey,
  field: "secret" | "signing_secret",
  sealed: string,
): Promise<string | null> {
  try {
    return await decrypt(settings, sealed, placeOf(row, field));
  } catch (error) {
    // Thrown on, one unreadable row would hide the list that it stands in, and with it the way to mend it.
    if (error instanceof UnreadableSecret) return null;
    throw error;
  }
}

function placeOf({ workspaceId, id }: RowKey, field: "secret" | "signing_secret") {
  return { workspaceId, row: id, field: `webhooks.${field}` };
}

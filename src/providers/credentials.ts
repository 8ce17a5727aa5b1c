import { and, asc, eq } from "drizzle-orm";
import { type CipherSettings, decrypt, type Place, UnreadableSecret } from "../core/cipher.ts";
import { isoTime } from "../core/clock.ts";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import type { ProviderName } from "./contract.ts";
import type { ProviderKey } from "./keys.ts";
import { checkBaseUrl } from "./rules/base-url.ts";
import { credentials } from "./schema.ts";

/** What is shown of a stored key. The key itself is never shown again. */
export interface Credential {
  provider: ProviderName;
  /** Empty for a key of fewer than eight characters. */
  last4: string;
  baseUrl: string | null;
  /** ISO 8601. */
  updatedAt: string;
}

export type CredentialRow = typeof credentials.$inferSelect;

export interface CredentialSettings extends CipherSettings {
  /** Whether a base URL may be loopback. */
  ALLOW_LOCAL_PROVIDERS: boolean;
}

/** The workspace's credentials, by provider. At most one each, so there are no pages. */
export async function listCredentials(ctx: Pick<Ctx, "db" | "workspaceId">): Promise<Credential[]> {
  const rows = await ctx.db.orm
    .select()
    .from(credentials)
    .where(eq(credentials.workspaceId, ctx.workspaceId))
    .orderBy(asc(credentials.provider));
  return rows.map(shown);
}

/** One credential. Throws `credential_not_found`. */
export async function getCredential(ctx: Pick<Ctx, "db" | "workspaceId">, provider: ProviderName): Promise<Credential> {
  const row = await findCredential(ctx, provider);
  if (row === null) throw notFound(provider);
  return shown(row);
}

/** The stored row, `null` when the workspace has no key of its own for this provider. */
export async function findCredential(
  { db, workspaceId }: Pick<Ctx, "db" | "workspaceId">,
  provider: ProviderName,
): Promise<CredentialRow | null> {
  const [row] = await db.orm
    .select()
    .from(credentials)
    .where(and(eq(credentials.workspaceId, workspaceId), eq(credentials.provider, provider)));
  return row ?? null;
}

/**
 * The key in a stored row, and where it may go. Throws `credential_unusable` when it cannot be decrypted, or when its
 * address is no longer allowed: the rules and the settings may have changed since it was stored.
 */
export async function openCredential(settings: CredentialSettings, row: CredentialRow): Promise<ProviderKey> {
  if (row.baseUrl !== null) {
    const verdict = checkBaseUrl(row.baseUrl, { allowLocal: settings.ALLOW_LOCAL_PROVIDERS });
    if (!verdict.ok) {
      throw unusable(
        row.provider,
        `its base URL is not allowed here (${verdict.reason}). Store it again with another base URL.`,
      );
    }
  }
  try {
    return { apiKey: await decrypt(settings, row.ciphertext, placeOf(row)), baseUrl: row.baseUrl };
  } catch (error) {
    if (!(error instanceof UnreadableSecret)) throw error;
    throw unusable(
      row.provider,
      "it was encrypted with another ENCRYPTION_KEY. Set ENCRYPTION_KEY_PREVIOUS to that one, or store the key again.",
    );
  }
}

/** Where a row's sealed key belongs. */
export function placeOf(row: Pick<CredentialRow, "workspaceId" | "id">): Place {
  return { workspaceId: row.workspaceId, row: row.id, field: "credentials.ciphertext" };
}

/** A row as the API shows it: field by field, so that a column added later stays inside. */
export function shown({ provider, last4, baseUrl, updatedAt }: CredentialRow): Credential {
  return { provider, last4, baseUrl, updatedAt: isoTime(updatedAt) };
}

/** The refusal for a provider that the workspace has stored no key for. */
export function notFound(provider: ProviderName): DomainError {
  return new DomainError(
    "credential_not_found",
    `This workspace has no key of its own for ${provider}. Store one with PUT /api/credentials/${provider}.`,
  );
}

function unusable(provider: ProviderName, why: string): DomainError {
  return new DomainError("credential_unusable", `The stored key for ${provider} cannot be used: ${why}`);
}

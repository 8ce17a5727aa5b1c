import { and, eq } from "drizzle-orm";
import { encrypt } from "../core/cipher.ts";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import type { ProviderName } from "./contract.ts";
import { type Credential, type CredentialSettings, findCredential, notFound, placeOf, shown } from "./credentials.ts";
import type { CredentialInput } from "./credentials-inputs.ts";
import { forgetCredential } from "./credentials-memory.ts";
import { checkBaseUrl } from "./rules/base-url.ts";
import { credentials } from "./schema.ts";

/** Of a shorter key, four characters are half or more. */
const SHORTEST_KEY_SHOWN = 8;

/**
 * Stores the workspace's key for a provider in place of the one before. The key has to be given each time: if the
 * address alone could be changed, whoever may change it could have a key sent to himself that he cannot read.
 *
 * @param gone hears the id of the key that this one took the place of
 *
 * Throws `invalid_fields` for a base URL that is not allowed, and for a missing key or address where one is needed.
 */
export async function putCredential(
  ctx: Ctx,
  settings: CredentialSettings,
  provider: ProviderName,
  { apiKey, baseUrl }: CredentialInput,
  gone: (credentialId: string) => void,
): Promise<Credential> {
  if (apiKey === "" && provider !== "openai-compatible") throw invalid("apiKey", "the key is missing");
  const before = await findCredential(ctx, provider);
  const address = baseUrl === undefined ? (before?.baseUrl ?? null) : baseUrl;
  if (address === null && provider === "openai-compatible") {
    throw invalid("baseUrl", "such a server has no address of its own: give it, ending in /v1");
  }
  const row = {
    id: ctx.ids.next(),
    workspaceId: ctx.workspaceId,
    provider,
    last4: apiKey.length < SHORTEST_KEY_SHOWN ? "" : apiKey.slice(-4),
    baseUrl: address === null ? null : allowedAddress(settings, address),
    updatedAt: ctx.clock.now(),
  };
  const stored = { ...row, ciphertext: await encrypt(settings, apiKey, placeOf(row)) };
  await ctx.db.orm
    .insert(credentials)
    .values(stored)
    .onConflictDoUpdate({ target: [credentials.workspaceId, credentials.provider], set: stored });
  forgetCredential(ctx.workspaceId, provider);
  if (before !== null) gone(before.id);
  return shown(stored);
}

/** Removes the workspace's key for a provider, and tells `gone` its id. Throws `credential_not_found`. */
export async function deleteCredential(
  ctx: Ctx,
  provider: ProviderName,
  gone: (credentialId: string) => void,
): Promise<void> {
  const [removed] = await ctx.db.orm
    .delete(credentials)
    .where(and(eq(credentials.workspaceId, ctx.workspaceId), eq(credentials.provider, provider)))
    .returning({ id: credentials.id });
  forgetCredential(ctx.workspaceId, provider);
  if (removed === undefined) throw notFound(provider);
  gone(removed.id);
}

function allowedAddress(settings: CredentialSettings, baseUrl: string): string {
  const verdict = checkBaseUrl(baseUrl, { allowLocal: settings.ALLOW_LOCAL_PROVIDERS });
  if (verdict.ok) return verdict.baseUrl;
  throw invalid("baseUrl", verdict.reason);
}

function invalid(path: string, message: string): DomainError {
  return new DomainError("invalid_fields", `The key was not stored: ${path}: ${message}.`, {
    details: [{ path, message }],
  });
}

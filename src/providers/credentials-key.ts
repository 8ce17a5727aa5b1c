import type { Clock } from "../core/clock.ts";
import type { Db } from "../db/client.ts";
import type { ProviderName } from "./contract.ts";
import { type CredentialSettings, openCredential } from "./credentials.ts";
import { knownCredential } from "./credentials-memory.ts";
import { type ProviderKey, type ProviderSettings, resolveKey } from "./keys.ts";

export interface KeySettings extends ProviderSettings, CredentialSettings {
  /** Whether the installation's keys serve every workspace, and not its owner's alone. */
  SHARE_PROVIDER_KEYS: boolean;
}

/** What finding a key takes. */
export interface KeyCtx {
  db: Db;
  clock: Clock;
  workspaceId: string;
  settings: KeySettings;
  /** The workspace that the installation's own keys serve, `null` while nobody has signed up. */
  ownerWorkspaceId(): Promise<string | null>;
}

/** A key to call a provider with, and which one it is. */
export interface WorkspaceKey extends ProviderKey {
  /** The stored row's id, which changes with every key that is stored; `environment` for the installation's own. */
  credential: string;
}

/**
 * The key for a provider: the workspace's own, else the installation's where that serves this workspace, else `null`. A
 * key and its address come from the same place, so that a workspace's key never travels to the installation's address.
 * A key that was replaced or removed in another isolate may be used for up to 30 seconds more.
 *
 * Throws `credential_unusable` for a stored key that cannot be used: the installation's does not take its place unasked.
 */
export async function keyFor(ctx: KeyCtx, provider: ProviderName): Promise<WorkspaceKey | null> {
  const row = await knownCredential(ctx, provider);
  if (row !== null) return { ...(await openCredential(ctx.settings, row)), credential: row.id };
  const key = resolveKey(ctx.settings, provider);
  if (key === null) return null;
  const serves = ctx.settings.SHARE_PROVIDER_KEYS || (await ctx.ownerWorkspaceId()) === ctx.workspaceId;
  return serves ? { ...key, credential: "environment" } : null;
}

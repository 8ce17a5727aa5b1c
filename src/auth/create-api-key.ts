import { DomainError } from "../core/errors.ts";
import { sha256Hex } from "../core/hash.ts";
import type { MemberCtx } from "./accounts-ctx.ts";
import type { ApiKey } from "./list-api-keys.ts";
import { requireFuture } from "./require-future.ts";
import { outranks, type Role } from "./roles.ts";
import { API_KEY_PREFIX, SECRET_BYTES, shownPrefix } from "./rules/api-key.ts";
import { apiKeys } from "./schema.ts";

interface NewApiKey {
  name: string;
  /** Default: the caller's own. */
  role?: Role | undefined;
  /** Epoch milliseconds; null or absent for a key that does not expire. */
  expiresAt?: number | null | undefined;
}

/**
 * Makes a key for the caller. The answer holds the key this once; afterwards only its digest is left. Throws `forbidden`
 * to a key: what it made would outlive its expiry and its deletion, and whoever found it would keep a way in.
 */
export async function createApiKey(ctx: MemberCtx, input: NewApiKey): Promise<ApiKey & { key: string }> {
  if (ctx.via.kind !== "session") {
    throw new DomainError("forbidden", "An API key cannot make API keys. Sign in, and make the key in your session.");
  }
  const role = input.role ?? ctx.role;
  if (outranks(role, ctx.role)) {
    throw new DomainError("forbidden", `You are ${ctx.role} here, so a key of yours cannot be ${role}. Ask for less.`);
  }
  const createdAt = ctx.clock.now();
  const expiresAt = input.expiresAt ?? null;
  if (expiresAt !== null) requireFuture(expiresAt, createdAt);
  const key = `${API_KEY_PREFIX}${ctx.ids.secret(SECRET_BYTES)}`;
  const row = {
    id: ctx.ids.next(),
    workspaceId: ctx.workspaceId,
    userId: ctx.userId,
    name: input.name,
    role,
    prefix: shownPrefix(key),
    createdAt,
    expiresAt,
    lastUsedAt: null,
  };
  await ctx.db.orm.insert(apiKeys).values({ ...row, keyHash: await sha256Hex(key) });
  return { ...row, key };
}

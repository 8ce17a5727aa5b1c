import { DomainError } from "../core/errors.ts";
import { TIER_DEFAULTS } from "../costs/index.ts";
import type { Ctx } from "../db/context.ts";
import { adapterFor } from "./adapters.ts";
import { type ErrorKind, ProviderError, type ProviderName } from "./contract.ts";
import { type CredentialSettings, findCredential, notFound, openCredential } from "./credentials.ts";

const TIMEOUT_MS = 15_000;
const MAX_TOKENS = 16;

/** How a trial of a stored key ended. `model` is the one that was asked, or the one that says it answered. */
export type CredentialTrial =
  | { ok: true; latencyMs: number; model: string }
  | { ok: false; errorKind: ErrorKind; message: string; latencyMs: number; model: string };

/**
 * Makes one real call of a few tokens with the workspace's stored key. Nothing of it is stored. Throws
 * `credential_not_found`, `credential_unusable`, and `invalid_fields` when a model has to be named.
 */
export async function tryCredential(
  ctx: Ctx,
  settings: CredentialSettings,
  provider: ProviderName,
  wanted: string | undefined,
): Promise<CredentialTrial> {
  const row = await findCredential(ctx, provider);
  if (row === null) throw notFound(provider);
  const model = wanted ?? smallModelOf(provider);
  if (model === null) {
    throw new DomainError(
      "invalid_fields",
      `Say which model of ${provider} to try: its own server decides what it has.`,
      {
        details: [{ path: "model", message: "a model that this server has" }],
      },
    );
  }
  const key = await openCredential(settings, row);
  const request = { model, system: null, prompt: "Answer with: ok", temperature: 0, topP: null, stopSequences: [] };
  const options = { ...key, signal: new AbortController().signal, timeoutMs: TIMEOUT_MS, clock: ctx.clock };
  try {
    const answer = await adapterFor(provider).complete({ ...request, maxTokens: MAX_TOKENS }, options);
    return { ok: true, latencyMs: answer.latencyMs, model: answer.model };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const { kind: errorKind, message, latencyMs } = error;
    // It was let in and counted tokens, and then had too few of them, or none that it would say: the key works.
    if (error.usage !== null) return { ok: true, latencyMs, model: error.model ?? model };
    return { ok: false, errorKind, message, latencyMs, model };
  }
}

/** `null` where only the server's owner knows what it has. */
function smallModelOf(provider: ProviderName): string | null {
  return provider === "openai-compatible" ? null : TIER_DEFAULTS[provider].small;
}

import type { CipherSettings } from "../core/cipher.ts";
import { DAY_MS } from "../core/clock.ts";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { violatesForeignKey } from "../db/transient.ts";
import { DEFAULT_RATE_LIMIT, type WebhookInput, type WebhookView } from "./inputs.ts";
import { storableAddresses, storableMapping, storableSignature, storableVersion } from "./row.ts";
import { webhooks } from "./schema.ts";
import { newSecret, sealSigningSecret } from "./secrets.ts";
import { type Viewer, type WebhookRow, webhookView } from "./view.ts";

/**
 * Creates a webhook of a workflow, with a secret of its own. Without a word on them it is enabled, takes 100 calls an
 * hour from any address, asks for no signature, and runs the draft on the payload as it comes.
 * Throws `workflow_not_found`, `version_not_found` and `invalid_fields`.
 */
export async function createWebhook(
  ctx: Ctx,
  settings: CipherSettings,
  workflowId: string,
  input: WebhookInput,
  viewer: Viewer,
): Promise<WebhookView> {
  const row = {
    ...(await newWebhookRow(ctx, settings, workflowId, input)),
    ...(await storableVersion(ctx, workflowId, input.version)),
  };
  try {
    await ctx.db.orm.insert(webhooks).values(row);
  } catch (error) {
    if (!violatesForeignKey(error)) throw error;
    throw new DomainError("workflow_not_found", "There is no such workflow in this workspace.", { cause: error });
  }
  return webhookView(settings, row, viewer);
}

/**
 * The row of a webhook with a secret of its own that runs the draft, not written yet. Throws `invalid_fields` for
 * addresses and mappings that cannot be used.
 */
export async function newWebhookRow(
  ctx: Ctx,
  settings: CipherSettings,
  workflowId: string,
  input: WebhookInput,
): Promise<WebhookRow> {
  const now = ctx.clock.now();
  const key = { workspaceId: ctx.workspaceId, id: ctx.ids.next() };
  const { signature = { scheme: "none" }, rotateAfterDays = null } = input;
  const signingSecret = "secret" in signature ? signature.secret : undefined;
  return {
    ...key,
    workflowId,
    enabled: input.enabled === false ? 0 : 1,
    ...(await newSecret(settings, ctx.ids, key)),
    previousHash: null,
    previousSecret: null,
    previousValidUntil: null,
    ipWhitelist: storableAddresses(input.ipWhitelist ?? []),
    payloadTransformer: storableMapping(input.payloadTransformer ?? null),
    signature: storableSignature(signature),
    signingSecret: signingSecret === undefined ? null : await sealSigningSecret(settings, key, signingSecret),
    rateLimit: input.rateLimit?.limit ?? DEFAULT_RATE_LIMIT.limit,
    rateWindowSeconds: input.rateLimit?.windowSeconds ?? DEFAULT_RATE_LIMIT.windowSeconds,
    rotateAfterDays,
    rotateAt: rotateAfterDays === null ? null : now + rotateAfterDays * DAY_MS,
    version: null,
    pinnedVersionId: null,
    triggerCount: 0,
    lastTriggeredAt: null,
    createdBy: ctx.userId,
    createdAt: now,
    updatedAt: now,
  };
}

import { sql } from "drizzle-orm";
import type { CipherSettings } from "../core/cipher.ts";
import { DAY_MS } from "../core/clock.ts";
import type { Ctx } from "../db/context.ts";
import type { WebhookInput, WebhookView } from "./inputs.ts";
import {
  ofWebhook,
  readWebhook,
  storableAddresses,
  storableMapping,
  storableSignature,
  storableVersion,
  webhookNotFound,
} from "./row.ts";
import { webhooks } from "./schema.ts";
import { sealSigningSecret } from "./secrets.ts";
import { type Viewer, webhookView } from "./view.ts";

/**
 * Changes what is given of a webhook and keeps the rest; of the rate limit each half by itself. A signature is replaced
 * as a whole, its secret with it. Throws `webhook_not_found`, `version_not_found` and `invalid_fields`.
 */
export async function updateWebhook(
  ctx: Ctx,
  settings: CipherSettings,
  webhookId: string,
  input: WebhookInput,
  viewer: Viewer,
): Promise<WebhookView> {
  const { workflowId } = await readWebhook(ctx, webhookId);
  const now = ctx.clock.now();
  const { enabled, ipWhitelist, payloadTransformer, rateLimit, rotateAfterDays, version } = input;
  // Only columns that were given: two people may change one thing each at once.
  const [row] = await ctx.db.orm
    .update(webhooks)
    .set({
      updatedAt: now,
      ...(enabled === undefined ? {} : { enabled: enabled ? 1 : 0 }),
      ...(ipWhitelist === undefined ? {} : { ipWhitelist: storableAddresses(ipWhitelist) }),
      ...(payloadTransformer === undefined ? {} : { payloadTransformer: storableMapping(payloadTransformer) }),
      ...(await signatureColumns(ctx, settings, webhookId, input.signature)),
      ...(rateLimit?.limit === undefined ? {} : { rateLimit: rateLimit.limit }),
      ...(rateLimit?.windowSeconds === undefined ? {} : { rateWindowSeconds: rateLimit.windowSeconds }),
      ...(rotateAfterDays === undefined ? {} : rotationColumns(rotateAfterDays, now)),
      ...(version === undefined ? {} : await storableVersion(ctx, workflowId, version)),
    })
    .where(ofWebhook(ctx, webhookId))
    .returning();
  if (!row) throw webhookNotFound();
  return webhookView(settings, row, viewer);
}

async function signatureColumns(
  { workspaceId }: Ctx,
  settings: CipherSettings,
  id: string,
  signature: WebhookInput["signature"],
) {
  if (signature === undefined) return {};
  const secret = "secret" in signature ? signature.secret : undefined;
  return {
    signature: storableSignature(signature),
    signingSecret: secret === undefined ? null : await sealSigningSecret(settings, { workspaceId, id }, secret),
  };
}

/** Counted from now on. Sent back unchanged, the number of days must not put a rotation off again and again. */
function rotationColumns(rotateAfterDays: number | null, now: number) {
  const next = rotateAfterDays === null ? null : now + rotateAfterDays * DAY_MS;
  return {
    rotateAfterDays,
    rotateAt: sql`CASE WHEN rotate_after_days IS ${rotateAfterDays} THEN rotate_at ELSE ${next} END`,
  };
}

import { sql } from "drizzle-orm";
import type { CipherSettings } from "../core/cipher.ts";
import type { Ctx } from "../db/context.ts";
import type { WebhookView } from "./inputs.ts";
import { ofWebhook, webhookNotFound } from "./row.ts";
import { webhooks } from "./schema.ts";
import { newSecret } from "./secrets.ts";
import { type Viewer, webhookView } from "./view.ts";

/**
 * Gives a webhook a new secret. The one before opens it for `graceSeconds` more, and with 0 no longer; one that was in
 * its grace already ends now, since a webhook has two secrets at most. Throws `webhook_not_found`.
 */
export async function regenerateSecret(
  ctx: Ctx,
  settings: CipherSettings,
  webhookId: string,
  graceSeconds: number,
  viewer: Viewer,
): Promise<WebhookView> {
  const now = ctx.clock.now();
  const secret = await newSecret(settings, ctx.ids, { workspaceId: ctx.workspaceId, id: webhookId });
  // Taken over in SQL: of two at once the second keeps what the first made, and not what both had read.
  const previous =
    graceSeconds === 0
      ? { previousHash: null, previousSecret: null, previousValidUntil: null }
      : {
          previousHash: sql`secret_hash`,
          previousSecret: sql`secret`,
          previousValidUntil: now + graceSeconds * 1_000,
        };
  const [row] = await ctx.db.orm
    .update(webhooks)
    .set({
      ...previous,
      ...secret,
      rotateAt: sql`CASE WHEN rotate_after_days IS NOT NULL THEN ${now} + rotate_after_days * 86400000 END`,
      updatedAt: now,
    })
    .where(ofWebhook(ctx, webhookId))
    .returning();
  if (!row) throw webhookNotFound();
  return webhookView(settings, row, viewer);
}

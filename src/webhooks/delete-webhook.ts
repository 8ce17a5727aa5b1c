import { errorText } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import type { Gates } from "./gates.ts";
import { ofWebhook, webhookNotFound } from "./row.ts";
import { webhooks } from "./schema.ts";

/**
 * Deletes a webhook: its address answers 404 from then on, and its calls are forgotten. Throws `webhook_not_found`.
 *
 * The gate is emptied at once as far as it can be reached, and by the cron once more: a call that was under way may
 * have left itself behind.
 */
export async function deleteWebhook(ctx: Ctx, gates: Gates, webhookId: string): Promise<void> {
  const gone = await ctx.db.orm.delete(webhooks).where(ofWebhook(ctx, webhookId)).returning({ id: webhooks.id });
  if (gone.length === 0) throw webhookNotFound();
  try {
    await gates(webhookId).clear();
  } catch (error) {
    ctx.log.log("warn", "Webhook", `a gate was left to the cron: ${errorText(error)}`, { webhookId });
  }
}

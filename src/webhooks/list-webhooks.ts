import { and, desc, eq, lt } from "drizzle-orm";
import type { CipherSettings } from "../core/cipher.ts";
import { DomainError } from "../core/errors.ts";
import { decodeCursor, type Page, type PageRequest, pageOf, UUID_KEY } from "../core/pagination.ts";
import type { Ctx } from "../db/context.ts";
import type { WebhookView } from "./inputs.ts";
import { readWebhook } from "./row.ts";
import { webhooks } from "./schema.ts";
import { type Viewer, webhookView } from "./view.ts";

/** One webhook. Throws `webhook_not_found`. */
export async function getWebhook(
  ctx: Ctx,
  settings: CipherSettings,
  webhookId: string,
  viewer: Viewer,
): Promise<WebhookView> {
  return webhookView(settings, await readWebhook(ctx, webhookId), viewer);
}

/** The webhooks of a workflow, newest first. Throws `workflow_not_found`. */
export async function listWebhooks(
  ctx: Ctx,
  settings: CipherSettings,
  workflowId: string,
  request: PageRequest,
  viewer: Viewer,
): Promise<Page<WebhookView>> {
  const before = request.cursor === undefined ? undefined : lt(webhooks.id, decodeCursor(request.cursor, UUID_KEY));
  const rows = await ctx.db.orm
    .select()
    .from(webhooks)
    .where(and(eq(webhooks.workspaceId, ctx.workspaceId), eq(webhooks.workflowId, workflowId), before))
    .orderBy(desc(webhooks.id))
    .limit(request.limit + 1);
  if (rows.length === 0) await assertWorkflow(ctx, workflowId);
  const { items, nextCursor } = pageOf(
    rows,
    request,
    (row) => row.id,
    (row) => row,
  );
  return { items: await Promise.all(items.map((row) => webhookView(settings, row, viewer))), nextCursor };
}

async function assertWorkflow(ctx: Ctx, workflowId: string): Promise<void> {
  const found = await ctx.db.d1
    .prepare("SELECT 1 AS found FROM workflows WHERE workspace_id = ?1 AND id = ?2")
    .bind(ctx.workspaceId, workflowId)
    .first("found");
  if (found === null) throw new DomainError("workflow_not_found", "There is no such workflow in this workspace.");
}

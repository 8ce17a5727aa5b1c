import { DomainError, errorText } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { retryTransient } from "../db/transient.ts";
import { MAX_UNDER_WAY, SEND_GRACE_MS } from "./bulk-limits.ts";
import type { SendExport } from "./bulk-message.ts";
import { readSizes } from "./export-drafts.ts";
import { type BulkRequest, bulkOptionsSchema, MAX_BULK_WORKFLOWS } from "./export-options.ts";

const MAX_DETAILS = 50;

/**
 * Begins an export of many workflows, which a queued job writes. Throws `workflow_not_found` with each id that names no
 * workflow of the workspace, `export_too_large` for more than 5,000, and `too_many_exports` while three are under way.
 */
export async function startBulkExport(ctx: Ctx, send: SendExport, request: BulkRequest): Promise<{ exportId: string }> {
  const workflowIds = await chosenWorkflows(ctx, request.workflowIds);
  const exportId = ctx.ids.next();
  const now = ctx.clock.now();
  const insert = ctx.db.d1
    .prepare(
      `INSERT INTO exports (workspace_id, id, status, options, workflow_ids, total, wake_at, created_by, created_at, updated_at)
       SELECT ?1, ?2, 'queued', ?3, ?4, ?5, ?6, ?7, ?8, ?8
       WHERE (SELECT count(*) FROM exports WHERE workspace_id = ?1 AND status IN ('queued', 'running')) < ?9
       ON CONFLICT DO NOTHING`,
    )
    .bind(
      ...[ctx.workspaceId, exportId, JSON.stringify(bulkOptionsSchema.parse(request)), JSON.stringify(workflowIds)],
      ...[workflowIds.length, now + SEND_GRACE_MS, ctx.userId, now, MAX_UNDER_WAY],
    );
  const made = ctx.db.d1
    .prepare("SELECT 1 FROM exports WHERE workspace_id = ?1 AND id = ?2")
    .bind(ctx.workspaceId, exportId);
  const results = await retryTransient(() => ctx.db.d1.batch([insert, made]));
  if (results[1]?.results.length !== 1) {
    throw new DomainError(
      "too_many_exports",
      `${MAX_UNDER_WAY} exports of this workspace are under way. Wait until one of them is ready.`,
    );
  }
  try {
    await send({ kind: "export", workspaceId: ctx.workspaceId, exportId });
  } catch (error) {
    // The row is the outbox: the cron sends for it.
    ctx.log.log("warn", "Transfer", `a message was left to the cron: ${errorText(error)}`, { exportId });
  }
  return { exportId };
}

async function chosenWorkflows(ctx: Ctx, asked: readonly string[] | undefined): Promise<string[]> {
  const unique = asked === undefined ? null : [...new Set(asked)];
  const found = (await readSizes(ctx, unique, MAX_BULK_WORKFLOWS + 1)).map(({ id }) => id);
  if (unique !== null && found.length < unique.length) {
    const there = new Set(found);
    const missing = unique.filter((id) => !there.has(id)).slice(0, MAX_DETAILS);
    throw new DomainError("workflow_not_found", "Some of these workflows are not in this workspace. See details.", {
      details: missing.map((id) => ({
        path: `workflowIds[${(asked ?? []).indexOf(id)}]`,
        message: "no such workflow",
      })),
    });
  }
  if (found.length > MAX_BULK_WORKFLOWS) {
    throw new DomainError(
      "export_too_large",
      `The workspace has more than ${MAX_BULK_WORKFLOWS} workflows, which is the most that one file takes. Name them in workflowIds, some at a time.`,
    );
  }
  return found;
}

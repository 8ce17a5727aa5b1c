import { z } from "zod";
import type { Ctx } from "../db/context.ts";
import { type ImportResult, importResultSchema } from "./import-results.ts";
import type { WaitingSchedule } from "./import-triggers.ts";

/** One workflow of a large file that is done. */
export interface DoneItem {
  position: number;
  sourceId: string | null;
  workflowId: string | null;
  result: ImportResult;
  waiting: WaitingSchedule[];
}

const waitingSchema = z.array(
  z.object({
    path: z.string(),
    after: z.string().nullable(),
    looksAt: z.string().nullable().default(null),
    row: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  }),
);
const rowSchema = z.object({
  position: z.number(),
  source_id: z.string().nullable(),
  workflow_id: z.string().nullable(),
  result: z.string(),
  waiting: z.string().nullable(),
});

/** What of an import is done, in the order of its file. */
export async function readItems(ctx: Ctx, importId: string): Promise<DoneItem[]> {
  const { results } = await ctx.db.d1
    .prepare(
      `SELECT position, source_id, workflow_id, result, waiting FROM import_items
       WHERE workspace_id = ?1 AND import_id = ?2 ORDER BY position`,
    )
    .bind(ctx.workspaceId, importId)
    .run();
  return z
    .array(rowSchema)
    .parse(results)
    .map((row) => ({
      position: row.position,
      sourceId: row.source_id,
      workflowId: row.workflow_id,
      result: importResultSchema.parse(JSON.parse(row.result)),
      waiting: row.waiting === null ? [] : waitingSchema.parse(JSON.parse(row.waiting)),
    }));
}

/**
 * The statements that note an item as done, for the batch that does it. Fails with a unique violation of
 * `import_items` when another delivery of the message has done it.
 */
export function noteItem(ctx: Ctx, importId: string, item: DoneItem, wakeAt: number): D1PreparedStatement[] {
  return [
    ctx.db.d1
      .prepare(
        `INSERT INTO import_items (workspace_id, import_id, position, source_id, workflow_id, result, waiting)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
      )
      .bind(
        ctx.workspaceId,
        importId,
        item.position,
        item.sourceId,
        item.workflowId,
        JSON.stringify(item.result),
        item.waiting.length === 0 ? null : JSON.stringify(item.waiting),
      ),
    ctx.db.d1
      .prepare(
        "UPDATE imports SET updated_at = ?3, wake_at = ?4, sends = 1 WHERE workspace_id = ?1 AND id = ?2 AND wake_at IS NOT NULL",
      )
      .bind(ctx.workspaceId, importId, ctx.clock.now(), wakeAt),
  ];
}

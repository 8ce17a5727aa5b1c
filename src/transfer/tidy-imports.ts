import { z } from "zod";
import { errorText } from "../core/errors.ts";
import type { Db } from "../db/client.ts";
import type { Ctx } from "../db/context.ts";
import type { ImportMessage } from "./import-message.ts";
import { SEND_GRACE_MS } from "./queue-import.ts";
import { failImport, removeFile } from "./run-import.ts";

/** After so many messages without a workflow done, an import is given up. */
const MAX_SENDS = 5;
const STAGE_AGE_MS = 3_600_000;
const KEPT_MS = 30 * 86_400_000;
const PAGE = 20;

const lateSchema = z.object({
  workspace_id: z.string(),
  id: z.string(),
  status: z.enum(["uploading", "queued", "running", "succeeded", "failed"]),
  file_key: z.string(),
  sends: z.number(),
});
const stageSchema = z.object({ stage: z.string() });

interface TidyPorts {
  bucket: { delete(key: string): Promise<void> };
  send(message: ImportMessage): Promise<void>;
  /** A context of that workspace in which nobody in person asks. */
  ctxOf(workspaceId: string): Ctx;
}

/**
 * Looks after imports, of all workspaces: sends again for those whose message was lost, gives up those that do not
 * get on, removes uploads that broke off, files of imports that have ended, rows that were gathered and never made
 * visible, and what is over 30 days old.
 */
export async function tidyImports(db: Db, ports: TidyPorts, now: number): Promise<void> {
  const [late, stages] = await db.d1.batch([
    db.d1
      .prepare(
        "SELECT workspace_id, id, status, file_key, sends FROM imports WHERE wake_at <= ?1 ORDER BY wake_at LIMIT ?2",
      )
      .bind(now, PAGE),
    db.d1
      .prepare("SELECT stage FROM import_stages WHERE created_at <= ?1 ORDER BY created_at LIMIT ?2")
      .bind(now - STAGE_AGE_MS, PAGE),
    db.d1
      .prepare(
        "DELETE FROM imports WHERE created_at <= ?1 AND wake_at IS NULL AND (workspace_id, id) IN (SELECT workspace_id, id FROM imports WHERE created_at <= ?1 ORDER BY created_at LIMIT ?2)",
      )
      .bind(now - KEPT_MS, PAGE),
  ]);
  for (const { stage } of z.array(stageSchema).parse(stages?.results ?? [])) await removeStage(db, stage);
  for (const row of z.array(lateSchema).parse(late?.results ?? [])) {
    const ctx = ports.ctxOf(row.workspace_id);
    try {
      await tend(ctx, ports, row, now);
    } catch (error) {
      // One that cannot be mended must not keep the others from their turn.
      ctx.log.log("error", "Transfer", errorText(error), { importId: row.id });
    }
  }
}

async function tend(ctx: Ctx, ports: TidyPorts, row: Late, now: number): Promise<void> {
  const file = { importId: row.id, fileKey: row.file_key };
  switch (row.status) {
    case "uploading":
      return removeUpload(ctx, ports, row);
    case "succeeded":
    case "failed":
      return removeFile(ctx, ports.bucket, file);
    case "queued":
    case "running": {
      if (row.sends < MAX_SENDS) return sendAgain(ctx, ports, row, now);
      const errors = [{ path: "", message: "it did not get on, however often it was tried. The log has the cause" }];
      return failImport(ctx, ports.bucket, { ...file, errors });
    }
  }
}

async function removeStage(db: Db, stage: string): Promise<void> {
  await db.d1.batch([
    // Foreign keys take along what hangs on it.
    db.d1.prepare("DELETE FROM workflows WHERE workspace_id = ?1").bind(stage),
    db.d1.prepare("DELETE FROM deleted_workflows WHERE workspace_id = ?1").bind(stage),
    db.d1.prepare("DELETE FROM snapshots WHERE workspace_id = ?1").bind(stage),
    db.d1.prepare("DELETE FROM import_stages WHERE stage = ?1").bind(stage),
  ]);
}

type Late = z.infer<typeof lateSchema>;

async function removeUpload(ctx: Ctx, ports: TidyPorts, { id, file_key }: Late): Promise<void> {
  await ports.bucket.delete(file_key);
  await ctx.db.d1
    .prepare("DELETE FROM imports WHERE workspace_id = ?1 AND id = ?2 AND status = 'uploading'")
    .bind(ctx.workspaceId, id)
    .run();
}

/** The claim is conditional: of two crons at once one sends. */
async function sendAgain(ctx: Ctx, ports: TidyPorts, { id, sends }: Late, now: number): Promise<void> {
  const claimed = await ctx.db.d1
    .prepare(
      `UPDATE imports SET sends = sends + 1, wake_at = ?4 WHERE workspace_id = ?1 AND id = ?2 AND sends = ?3
         AND status IN ('queued', 'running') AND wake_at <= ?5 RETURNING id`,
    )
    .bind(ctx.workspaceId, id, sends, now + SEND_GRACE_MS * 2 ** sends, now)
    .run();
  if (claimed.results.length === 0) return;
  try {
    await ports.send({ kind: "import", workspaceId: ctx.workspaceId, importId: id });
  } catch (error) {
    ctx.log.log("warn", "Transfer", `an import is left to the next tick: ${errorText(error)}`, { importId: id });
  }
}

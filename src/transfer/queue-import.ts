import { z } from "@hono/zod-openapi";
import { errorText } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { type IdempotencyKey, isKeyTaken, keepAnswer, storedAnswer } from "../db/idempotency.ts";
import { retryTransient } from "../db/transient.ts";
import type { FileKind } from "./import-file.ts";
import type { ImportMessage } from "./import-message.ts";
import type { Conflict } from "./import-results.ts";

/** How long a file may take to arrive, and a message to be worked on, before the cron looks after it. */
export const UPLOAD_GRACE_MS = 3_600_000;
export const SEND_GRACE_MS = 5 * 60_000;

export const queuedSchema = z.object({ importId: z.string() }).openapi("ImportQueued");

/** Where a file lies until its import has ended. */
export function fileKey({ workspaceId }: Pick<Ctx, "workspaceId">, importId: string): string {
  return `imports/${workspaceId}/${importId}`;
}

/** Notes a file before its first byte is in R2: one whose upload breaks off is found by the cron. */
export async function beginUpload(
  ctx: Ctx,
  importId: string,
  { conflict, dryRun }: { conflict: Conflict; dryRun: boolean },
): Promise<void> {
  const now = ctx.clock.now();
  const insert = ctx.db.d1
    .prepare(
      `INSERT INTO imports (workspace_id, id, status, file_key, conflict, dry_run, created_by, created_at, updated_at, wake_at)
       VALUES (?1, ?2, 'uploading', ?3, ?4, ?5, ?6, ?7, ?7, ?8) ON CONFLICT DO NOTHING`,
    )
    .bind(
      ctx.workspaceId,
      importId,
      fileKey(ctx, importId),
      conflict,
      Number(dryRun),
      ctx.userId,
      now,
      now + UPLOAD_GRACE_MS,
    );
  await retryTransient(() => insert.run());
}

/**
 * Takes back what {@link beginUpload} began, unless it was handed to the queue: then the file is needed. The object
 * first: a row without one harms nobody.
 */
export async function abandonUpload(
  ctx: Ctx,
  bucket: { delete(key: string): Promise<void> },
  importId: string,
): Promise<void> {
  if (await isQueued(ctx, importId)) return;
  await bucket.delete(fileKey(ctx, importId));
  await ctx.db.d1
    .prepare("DELETE FROM imports WHERE workspace_id = ?1 AND id = ?2 AND status = 'uploading'")
    .bind(ctx.workspaceId, importId)
    .run();
}

async function isQueued(ctx: Ctx, importId: string): Promise<boolean> {
  const statement = ctx.db.d1
    .prepare("SELECT 1 FROM imports WHERE workspace_id = ?1 AND id = ?2 AND status <> 'uploading'")
    .bind(ctx.workspaceId, importId);
  const { results } = await retryTransient(() => statement.run());
  return results.length > 0;
}

interface QueuePorts {
  bucket: { delete(key: string): Promise<void> };
  send(message: ImportMessage): Promise<void>;
}

interface StoredFile {
  importId: string;
  kind: FileKind;
  bytes: number;
  idempotencyKey: IdempotencyKey | undefined;
}

/** Hands a file in R2 to the queue and answers the import's id: another's, when another request had the same key first. */
export async function queueImport(
  ctx: Ctx,
  ports: QueuePorts,
  { importId, kind, bytes, idempotencyKey: key }: StoredFile,
): Promise<string> {
  const now = ctx.clock.now();
  const statements = [
    ctx.db.d1
      .prepare(
        `UPDATE imports SET status = 'queued', file_kind = ?3, file_bytes = ?4, updated_at = ?5, wake_at = ?6, sends = 1
         WHERE workspace_id = ?1 AND id = ?2 AND status = 'uploading'`,
      )
      .bind(ctx.workspaceId, importId, kind, bytes, now, now + SEND_GRACE_MS),
    ...(key === undefined ? [] : keepAnswer(ctx, key, { importId })),
  ];
  try {
    await retryTransient(() => ctx.db.d1.batch(statements));
  } catch (error) {
    // Whoever is told of a fault sends the file again: one that is queued in spite of it would be imported twice.
    if (!(await isQueued(ctx, importId))) {
      if (key === undefined || !isKeyTaken(error)) throw error;
      const { importId: first } = queuedSchema.parse(await storedAnswer(ctx, key));
      await abandonUpload(ctx, ports.bucket, importId);
      return first;
    }
  }
  try {
    await ports.send({ kind: "import", workspaceId: ctx.workspaceId, importId });
  } catch (error) {
    ctx.log.log("warn", "Transfer", `an import is left to the cron: ${errorText(error)}`, { importId });
  }
  return importId;
}

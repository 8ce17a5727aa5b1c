import { z } from "zod";
import { DomainError, type ErrorDetail } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { retryTransient } from "../db/transient.ts";
import { recordEvent } from "../events/index.ts";
import { MissingFile, objectSource } from "./archive-source.ts";
import { MAX_FAULTS } from "./check-bundle.ts";
import { checkItem } from "./check-item.ts";
import { type ImportFile, itemsOf } from "./import-file.ts";
import { type ItemPorts, importItem } from "./import-item.ts";
import { type DoneItem, readItems } from "./import-items.ts";
import type { ImportMessage } from "./import-message.ts";
import { resolveWaiting, workflowsHere } from "./import-references.ts";
import { CONFLICTS } from "./import-results.ts";
import type { ImportBucket, UploadPorts } from "./import-upload.ts";
import { SEND_GRACE_MS } from "./queue-import.ts";

/** Half of D1's 1,000 queries an invocation, and some: from here on the next message goes on. */
const QUERY_BUDGET = 600;
/** A consumer lives 15 minutes; nothing new is begun after this much of it. */
const TIME_BUDGET_MS = 8 * 60_000;

const importSchema = z.object({
  file_key: z.string(),
  file_kind: z.enum(["json", "zip"]),
  file_bytes: z.number(),
  conflict: z.enum(CONFLICTS),
  dry_run: z.number(),
  total: z.number().nullable(),
  created_by: z.string().nullable(),
});
type ImportRow = z.infer<typeof importSchema>;

export type RunPorts = UploadPorts & ItemPorts;

/**
 * Goes on with the import of a large file: checks it whole, then imports one workflow after the other. Delivered again
 * it finds what is done. What is too much for one invocation is left to the next message.
 *
 * @param ctx a context of the import's workspace; its `userId` is replaced by whoever sent the file
 */
export async function runImport(given: Ctx, ports: RunPorts, { importId }: ImportMessage): Promise<void> {
  const row = await beginImport(given, importId);
  if (!row) return;
  const ctx = { ...given, userId: row.created_by };
  const begunAt = ctx.clock.now();
  const file: ImportFile = {
    kind: row.file_kind,
    source: objectSource(ports.bucket, row.file_key, row.file_bytes),
  };
  try {
    const total = row.total ?? (await checkFile(ctx, ports, importId, file));
    const isOver = () => ctx.db.usage.queries > QUERY_BUDGET || ctx.clock.now() - begunAt > TIME_BUDGET_MS;
    if (await importAll(ctx, ports, { importId, row, file, total, isOver })) {
      await finish(ctx, importId);
      await removeFile(ctx, ports.bucket, { importId, fileKey: row.file_key });
    } else {
      await ports.send({ kind: "import", workspaceId: ctx.workspaceId, importId });
    }
  } catch (error) {
    // Delivered twice at once: the other one has ended it and taken the file away under our eyes.
    if (error instanceof MissingFile && (await hasEnded(ctx, importId))) return;
    if (!(error instanceof DomainError)) throw error;
    const details = error.details.length > 0 ? error.details : [{ path: "", message: error.message }];
    await failImport(ctx, ports.bucket, { importId, fileKey: row.file_key, errors: details });
  }
}

async function hasEnded(ctx: Ctx, importId: string): Promise<boolean> {
  const statement = ctx.db.d1
    .prepare("SELECT 1 FROM imports WHERE workspace_id = ?1 AND id = ?2 AND status IN ('queued', 'running')")
    .bind(ctx.workspaceId, importId);
  return (await retryTransient(() => statement.first())) === null;
}

async function beginImport(ctx: Ctx, importId: string): Promise<ImportRow | undefined> {
  const now = ctx.clock.now();
  const { results } = await retryTransient(() =>
    ctx.db.d1
      .prepare(
        `UPDATE imports SET status = 'running', updated_at = ?3, wake_at = ?4
         WHERE workspace_id = ?1 AND id = ?2 AND status IN ('queued', 'running')
         RETURNING file_key, file_kind, file_bytes, conflict, dry_run, total, created_by`,
      )
      .bind(ctx.workspaceId, importId, now, now + SEND_GRACE_MS)
      .run(),
  );
  return z.array(importSchema).parse(results)[0];
}

/** Checks every workflow of the file before the first is written, and notes how many there are. Throws `import_invalid`. */
async function checkFile(ctx: Ctx, ports: RunPorts, importId: string, file: ImportFile): Promise<number> {
  const faults: ErrorDetail[] = [];
  let total = 0;
  for await (const item of itemsOf(file)) {
    total += 1;
    const checked = await checkItem(ctx, ports, item);
    if (!checked.ok) faults.push(...checked.faults);
    if (faults.length >= MAX_FAULTS) break;
  }
  if (faults.length === 0 && total === 0) faults.push({ path: "", message: "the file holds no workflow" });
  if (faults.length > 0) {
    throw new DomainError("import_invalid", "The file has faults.", { details: faults.slice(0, MAX_FAULTS) });
  }
  await retryTransient(() =>
    ctx.db.d1
      .prepare("UPDATE imports SET total = ?3 WHERE workspace_id = ?1 AND id = ?2")
      .bind(ctx.workspaceId, importId, total)
      .run(),
  );
  return total;
}

interface Whole {
  importId: string;
  row: ImportRow;
  file: ImportFile;
  total: number;
  isOver(): boolean;
}

/** Whether all workflows of the file are done. */
async function importAll(ctx: Ctx, ports: RunPorts, { importId, row, file, total, isOver }: Whole): Promise<boolean> {
  const items = await readItems(ctx, importId);
  if (items.length === total) return true;
  const done = new Set(items.map(({ position }) => position));
  const here = new Map<string, string>();
  const broughtIds = new Set<string>();
  const note = ({ sourceId, workflowId }: Pick<DoneItem, "sourceId" | "workflowId">) => {
    if (workflowId !== null) broughtIds.add(workflowId);
    if (workflowId !== null && sourceId !== null) here.set(sourceId, workflowId);
  };
  items.forEach(note);
  let position = -1;
  for await (const item of itemsOf(file)) {
    position += 1;
    if (done.has(position)) continue;
    if (isOver()) return false;
    const checked = await checkItem(ctx, ports, item);
    if (!checked.ok) throw new DomainError("import_invalid", "The file is not the one that was checked.");
    const { bundle, warnings } = checked;
    const own = await workflowsHere(ctx, [bundle]);
    const workflowId = await importItem(ctx, ports, {
      ...{ importId, position, bundle, bytes: item.bytes, notes: warnings, conflict: row.conflict, broughtIds },
      dryRun: row.dry_run === 1,
      workflowHere: (id) => here.get(id) ?? own.get(id),
    });
    if (workflowId !== null) note({ sourceId: bundle.workflow.id ?? null, workflowId });
    // Another delivery may have done it: what that has brought must not be overwritten as if it had been here before.
    else if (row.dry_run === 0) (await readItems(ctx, importId)).forEach(note);
  }
  return true;
}

/** What became of the workflows that a file names by their ids elsewhere. */
function idsOf(items: readonly DoneItem[]): Map<string, string> {
  const ids = new Map<string, string>();
  for (const { sourceId, workflowId } of items) if (sourceId && workflowId) ids.set(sourceId, workflowId);
  return ids;
}

/** Makes the schedules that waited for workflows further on in the file, as far as both are still there, and ends the import. */
async function finish(ctx: Ctx, importId: string): Promise<void> {
  const items = await readItems(ctx, importId);
  const named = items.flatMap((item) => item.waiting.flatMap(({ after, looksAt }) => [after, looksAt]));
  const own = await workflowsHere(
    ctx,
    [],
    named.filter((id) => id !== null),
  );
  const here = idsOf(items);
  const statements = items
    .filter((item) => item.waiting.length > 0)
    .flatMap((item) => {
      const { rows, warnings } = resolveWaiting(item.waiting, (id) => here.get(id) ?? own.get(id));
      const result = { ...item.result, warnings: [...item.result.warnings, ...warnings] };
      return [
        ...rows(ctx),
        ctx.db.d1
          .prepare(
            "UPDATE import_items SET result = ?4, waiting = NULL WHERE workspace_id = ?1 AND import_id = ?2 AND position = ?3",
          )
          .bind(ctx.workspaceId, importId, item.position, JSON.stringify(result)),
      ];
    });
  const end = ctx.db.d1
    .prepare(
      "UPDATE imports SET status = 'succeeded', updated_at = ?3, wake_at = ?4 WHERE workspace_id = ?1 AND id = ?2 AND status = 'running'",
    )
    .bind(ctx.workspaceId, importId, ctx.clock.now(), ctx.clock.now() + SEND_GRACE_MS);
  await retryTransient(() => ctx.db.d1.batch([...statements, end]));
}

interface StoredFile {
  importId: string;
  fileKey: string;
}

/** Removes the file of an import that has ended. Until that is written down the cron tries it again. */
export async function removeFile(
  ctx: Ctx,
  bucket: Pick<ImportBucket, "delete">,
  { importId, fileKey }: StoredFile,
): Promise<void> {
  await bucket.delete(fileKey);
  const done = ctx.db.d1
    .prepare(
      "UPDATE imports SET wake_at = NULL WHERE workspace_id = ?1 AND id = ?2 AND status IN ('succeeded', 'failed')",
    )
    .bind(ctx.workspaceId, importId);
  await retryTransient(() => done.run());
}

interface Failure extends StoredFile {
  errors: readonly ErrorDetail[];
}

/** Ends an import that cannot be carried out, tells the workspace, and removes the file. */
export async function failImport(
  ctx: Ctx,
  bucket: Pick<ImportBucket, "delete">,
  { importId, fileKey, errors }: Failure,
): Promise<void> {
  const now = ctx.clock.now();
  const first = errors[0]?.message ?? "";
  await retryTransient(() =>
    ctx.db.d1.batch([
      ctx.db.d1
        .prepare(
          `UPDATE imports SET status = 'failed', errors = ?3, updated_at = ?4, wake_at = ?5
           WHERE workspace_id = ?1 AND id = ?2 AND status IN ('queued', 'running')`,
        )
        .bind(ctx.workspaceId, importId, JSON.stringify(errors), now, now + SEND_GRACE_MS),
      recordEvent(ctx.db, {
        workspaceId: ctx.workspaceId,
        id: ctx.ids.next(),
        key: `import_failed:${importId}`,
        type: "import_failed",
        level: "error",
        message: `An import failed: ${first.slice(0, 300)}. GET /api/imports/${importId} has every fault; mend the file and import it again.`,
        data: { importId, faults: errors.length },
        at: now,
      }),
    ]),
  );
  await removeFile(ctx, bucket, { importId, fileKey });
}

import { DomainError, errorText } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import type { Engine } from "../executions/index.ts";
import { MAX_ATTEMPTS, objectKey } from "./bulk-limits.ts";
import type { ExportMessage } from "./bulk-message.ts";
import {
  type ClaimedExport,
  claimExport,
  isReady,
  LostExport,
  putBack,
  saveFailure,
  saveReady,
  saveUpload,
} from "./bulk-progress.ts";
import { BulkUpload, type UploadBucket } from "./bulk-upload.ts";
import { writeArchive } from "./bulk-write.ts";

const RETRY_MS = 30_000;

/**
 * Writes the file of a bulk export, from its beginning: whatever an attempt before this one left is cleared away first.
 * Delivered twice, or while another job is at it, nothing happens. Never throws: what fails is written down and begun
 * again by the cron, three times at most.
 */
export async function runExport(engine: Engine, bucket: UploadBucket, message: ExportMessage): Promise<void> {
  try {
    const claimed = await claimExport(engine, message);
    if (claimed) await write(engine, bucket, claimed);
  } catch (error) {
    engine.log.log("error", "Transfer", errorText(error), { exportId: message.exportId });
  }
}

async function write(engine: Engine, bucket: UploadBucket, claimed: ClaimedExport): Promise<void> {
  const { workspaceId, exportId, attempt } = claimed;
  const key = objectKey(workspaceId, exportId, attempt);
  let upload: BulkUpload | undefined;
  try {
    await clearAttempt(engine, bucket, { ...claimed, attempt: attempt - 1, uploadId: claimed.previousUpload });
    upload = await BulkUpload.begin(bucket, key);
    await saveUpload(engine, claimed, upload.id);
    const { db, clock, ids, log } = engine;
    const ctx: Ctx = { db, clock, ids, log, workspaceId, userId: null };
    const written = await writeArchive(ctx, engine, claimed, upload);
    const sizeBytes = await upload.complete();
    await saveReady(engine, claimed, { ...written, sizeBytes });
  } catch (error) {
    // What made the file known may have failed behind its effect: people fetch it by now.
    if (await isReady(engine, claimed)) return;
    if (upload) await clearAttempt(engine, bucket, { workspaceId, exportId, attempt, uploadId: upload.id });
    await settle(engine, claimed, error);
  }
}

/** What becomes of an export that was not written. */
async function settle(engine: Engine, claimed: ClaimedExport, error: unknown): Promise<void> {
  const { exportId, attempt } = claimed;
  if (error instanceof LostExport) {
    engine.log.log("warn", "Transfer", error.message, { exportId, attempt });
    return;
  }
  if (error instanceof DomainError) {
    await saveFailure(engine, claimed, { code: error.code, message: error.message, details: error.details });
    return;
  }
  engine.log.log("error", "Transfer", `not written: ${errorText(error)}`, { exportId, attempt });
  if (attempt < MAX_ATTEMPTS) await putBack(engine, claimed, RETRY_MS * attempt);
  else await saveFailure(engine, claimed, GIVEN_UP);
}

/** Why an export ends that could not be written for a reason that is none of its own. */
export const GIVEN_UP = {
  code: "export_failed",
  message: `The file could not be written in ${MAX_ATTEMPTS} attempts. The log has the cause under the export's id; start another export once it is mended.`,
  details: [],
};

/** Takes away what an attempt has left in R2: an upload that was not completed, or an object that nobody will name. */
export async function clearAttempt(
  engine: Pick<Engine, "log">,
  bucket: UploadBucket,
  left: { workspaceId: string; exportId: string; attempt: number; uploadId: string | null },
): Promise<void> {
  const key = objectKey(left.workspaceId, left.exportId, left.attempt);
  if (left.uploadId === null) return;
  try {
    await bucket.resumeMultipartUpload(key, left.uploadId).abort();
  } catch (error) {
    // Completed, or aborted before: R2 refuses then, and removes what was never completed after seven days by itself.
    engine.log.log("info", "Transfer", `no upload to abort: ${errorText(error)}`, { exportId: left.exportId });
  }
  await bucket.delete(key);
}

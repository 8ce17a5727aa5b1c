import { z } from "zod";
import { isoTime } from "../core/clock.ts";
import type { ErrorDetail } from "../core/errors.ts";
import { retryTransient } from "../db/transient.ts";
import { recordEvent } from "../events/index.ts";
import type { Engine } from "../executions/index.ts";
import { EXPORT_TTL_MS, LEASE_MS, MAX_ATTEMPTS, ROW_TTL_MS } from "./bulk-limits.ts";
import type { ExportMessage } from "./bulk-message.ts";
import { type BulkOptions, bulkOptionsSchema } from "./export-options.ts";

/** Another job has taken the export over, or it was given up: whoever finds this stops and leaves nothing behind. */
export class LostExport extends Error {}

/** An export that a job has taken. */
export interface ClaimedExport {
  workspaceId: string;
  exportId: string;
  attempt: number;
  options: BulkOptions;
  workflowIds: readonly string[];
  /** The upload of the attempt before this one, where that got so far. */
  previousUpload: string | null;
}

const claimedSchema = z.object({
  attempt: z.number(),
  options: z.string(),
  workflow_ids: z.string(),
  upload_id: z.string().nullable(),
});

/** Takes an export that waits, or whose job has given no sign of life for two minutes. `null` when there is nothing to take. */
export async function claimExport(engine: Engine, message: ExportMessage): Promise<ClaimedExport | null> {
  const { workspaceId, exportId } = message;
  const now = engine.clock.now();
  // Not sent again after a fault: if it has taken effect, the cron will find it as one whose job has vanished.
  const { results } = await engine.db.d1
    .prepare(
      `UPDATE exports SET status = 'running', attempt = attempt + 1, done = 0, secret_findings = 0, wake_at = ?4, updated_at = ?3
       WHERE workspace_id = ?1 AND id = ?2 AND attempt < ?5 AND (status = 'queued' OR (status = 'running' AND wake_at <= ?3))
       RETURNING attempt, options, workflow_ids, upload_id`,
    )
    .bind(workspaceId, exportId, now, now + LEASE_MS, MAX_ATTEMPTS)
    .run();
  const [row] = z.array(claimedSchema).parse(results);
  if (!row) return null;
  return {
    workspaceId,
    exportId,
    attempt: row.attempt,
    options: bulkOptionsSchema.parse(JSON.parse(row.options)),
    workflowIds: z.array(z.string()).parse(JSON.parse(row.workflow_ids)),
    previousUpload: row.upload_id,
  };
}

export interface Progress {
  done: number;
  secretFindings: number;
}

/** Writes down how far a job is, and that it is alive. Throws {@link LostExport}. */
export async function saveProgress(engine: Engine, claimed: ClaimedExport, progress: Progress): Promise<void> {
  const now = engine.clock.now();
  const change = "done = ?5, secret_findings = ?6, wake_at = ?7";
  await changeOwn(engine, claimed, change, [progress.done, progress.secretFindings, now + LEASE_MS]);
  publish(engine, claimed, "running", progress.done);
}

/** Notes the upload that this job has begun, for whoever has to clear it away. Throws {@link LostExport}. */
export async function saveUpload(engine: Engine, claimed: ClaimedExport, uploadId: string): Promise<void> {
  await changeOwn(engine, claimed, "upload_id = ?5", [uploadId]);
}

/** Makes a file known that lies in R2 whole. Throws {@link LostExport}. */
export async function saveReady(
  engine: Engine,
  claimed: ClaimedExport,
  { done, secretFindings, sizeBytes }: Progress & { sizeBytes: number },
): Promise<void> {
  const expiresAt = engine.clock.now() + EXPORT_TTL_MS;
  const change =
    "status = 'ready', done = ?5, secret_findings = ?6, size_bytes = ?7, expires_at = ?8, wake_at = ?8, upload_id = NULL";
  await changeOwn(engine, claimed, change, [done, secretFindings, sizeBytes, expiresAt], "ready");
  publish(engine, claimed, "ready", done);
}

/** Whether this very attempt has made its file known. */
export async function isReady(engine: Engine, { workspaceId, exportId, attempt }: ClaimedExport): Promise<boolean> {
  const statement = engine.db.d1
    .prepare("SELECT 1 FROM exports WHERE workspace_id = ?1 AND id = ?2 AND attempt = ?3 AND status = 'ready'")
    .bind(workspaceId, exportId, attempt);
  const { results } = await retryTransient(() => statement.run());
  return results.length > 0;
}

/** Puts an export back that could not be written this time: the cron sends for it. Throws {@link LostExport}. */
export async function putBack(engine: Engine, claimed: ClaimedExport, delayMs: number): Promise<void> {
  await changeOwn(engine, claimed, "status = 'queued', wake_at = ?5", [engine.clock.now() + delayMs]);
}

interface Failure {
  code: string;
  message: string;
  details: readonly ErrorDetail[];
}

/** Ends an export without a file, and tells people why. Throws {@link LostExport}. */
export async function saveFailure(engine: Engine, claimed: ClaimedExport, failure: Failure): Promise<void> {
  const now = engine.clock.now();
  const { workspaceId, exportId } = claimed;
  const wakeAt = now + ROW_TTL_MS;
  const event = recordEvent(engine.db, {
    workspaceId,
    id: engine.ids.next(),
    key: `export_failed:${exportId}`,
    type: "export_failed",
    level: "error",
    message: `An export of ${claimed.workflowIds.length} workflows failed. ${failure.message}`,
    data: { exportId },
    at: now,
  });
  const change = "status = 'failed', error = ?5, wake_at = ?6, upload_id = NULL";
  await changeOwn(engine, claimed, change, [JSON.stringify(failure), wakeAt], "failed");
  await retryTransient(() => event.run());
  publish(engine, claimed, "failed", 0);
}

/**
 * One change of an export's row by the job that holds it. `set` begins its parameters with ?5. `end` is the status that it
 * leaves, where it ends the export: sent again after a fault it finds that one.
 */
async function changeOwn(
  engine: Engine,
  { workspaceId, exportId, attempt }: ClaimedExport,
  set: string,
  values: readonly (string | number)[],
  end: "ready" | "failed" | "running" = "running",
): Promise<void> {
  const statement = engine.db.d1
    .prepare(
      `UPDATE exports SET updated_at = ?4, ${set}
       WHERE workspace_id = ?1 AND id = ?2 AND attempt = ?3 AND status IN ('queued', 'running', '${end}') RETURNING 1`,
    )
    .bind(workspaceId, exportId, attempt, engine.clock.now(), ...values);
  const { results } = await retryTransient(() => statement.run());
  if (results.length === 0) throw new LostExport("another job has taken this export over, or it was given up");
}

/** Tells watchers how far an export is. */
function publish(engine: Engine, { workspaceId, exportId, workflowIds }: ClaimedExport, status: string, done: number) {
  const at = isoTime(engine.clock.now());
  engine.publish(workspaceId, [{ type: "export", exportId, status, done, total: workflowIds.length, at }]);
}

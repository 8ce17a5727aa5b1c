import { z } from "zod";
import { errorText } from "../core/errors.ts";
import type { Engine } from "../executions/index.ts";
import { MAX_ATTEMPTS, objectPrefix, ROW_TTL_MS, SEND_GRACE_MS } from "./bulk-limits.ts";
import type { SendExport } from "./bulk-message.ts";
import { saveFailure } from "./bulk-progress.ts";
import { clearAttempt, GIVEN_UP } from "./bulk-run.ts";
import type { UploadBucket } from "./bulk-upload.ts";
import { bulkOptionsSchema, EXPORT_STATUSES } from "./export-options.ts";

/** Exports that are looked at in one run. What is left the next one does. */
const PAGE = 50;

const dueSchema = z.object({
  workspace_id: z.string(),
  id: z.string(),
  status: z.enum(EXPORT_STATUSES),
  attempt: z.number(),
  upload_id: z.string().nullable(),
  options: z.string(),
  workflow_ids: z.string(),
});
type Due = z.infer<typeof dueSchema>;

/**
 * Sees to bulk exports whose time has come, in all workspaces: sends again for those whose message or job was lost,
 * gives up what has failed too often, removes files after their seven days, and rows a month later.
 */
export async function tidyExports(engine: Engine, bucket: UploadBucket, send: SendExport): Promise<void> {
  const now = engine.clock.now();
  const { results } = await engine.db.d1
    .prepare(
      `SELECT workspace_id, id, status, attempt, upload_id, options, workflow_ids
       FROM exports WHERE wake_at <= ?1 ORDER BY wake_at LIMIT ?2`,
    )
    .bind(now, PAGE)
    .run();
  for (const due of z.array(dueSchema).parse(results)) {
    try {
      await tend(engine, bucket, send, due);
    } catch (error) {
      // One that cannot be mended must not keep the others from their turn.
      engine.log.log("error", "Transfer", errorText(error), { exportId: due.id });
    }
  }
}

async function tend(engine: Engine, bucket: UploadBucket, send: SendExport, due: Due): Promise<void> {
  switch (due.status) {
    case "queued":
    case "running":
      return due.attempt < MAX_ATTEMPTS ? sendAgain(engine, send, due) : giveUp(engine, bucket, due);
    case "ready":
      await removeFiles(bucket, due);
      await change(engine, due, "UPDATE exports SET status = 'expired', wake_at = ?4 WHERE", ROW_TTL_MS);
      return;
    case "failed":
    case "expired":
      await removeFiles(bucket, due);
      await change(engine, due, "DELETE FROM exports WHERE ?4 > 0 AND", ROW_TTL_MS);
  }
}

/** Queued again first: a job that is merely slow has lost it from then on, and finds that out by itself. */
async function sendAgain(engine: Engine, send: SendExport, due: Due): Promise<void> {
  const claimed = await change(engine, due, "UPDATE exports SET status = 'queued', wake_at = ?4 WHERE", SEND_GRACE_MS);
  if (claimed) await send({ kind: "export", workspaceId: due.workspace_id, exportId: due.id });
}

async function giveUp(engine: Engine, bucket: UploadBucket, due: Due): Promise<void> {
  const { workspace_id: workspaceId, id: exportId, attempt } = due;
  const claimed = {
    ...{ workspaceId, exportId, attempt, previousUpload: null },
    options: bulkOptionsSchema.parse(JSON.parse(due.options)),
    workflowIds: z.array(z.string()).parse(JSON.parse(due.workflow_ids)),
  };
  await saveFailure(engine, claimed, GIVEN_UP);
  await clearAttempt(engine, bucket, { workspaceId, exportId, attempt, uploadId: due.upload_id });
}

/** Changes a row that is still as it was found. `sql` takes a time from now as ?4. Whether it did. */
async function change(engine: Engine, due: Due, sql: string, fromNow: number): Promise<boolean> {
  const now = engine.clock.now();
  const { results } = await engine.db.d1
    .prepare(`${sql} workspace_id = ?1 AND id = ?2 AND status = ?3 AND wake_at <= ?5 AND attempt = ?6 RETURNING 1`)
    .bind(due.workspace_id, due.id, due.status, now + fromNow, now, due.attempt)
    .run();
  return results.length === 1;
}

/** Every object of an export: a job that was lost may have completed one after all. */
async function removeFiles(bucket: UploadBucket, due: Due): Promise<void> {
  const { objects } = await bucket.list({ prefix: objectPrefix(due.workspace_id, due.id) });
  if (objects.length > 0) await bucket.delete(objects.map(({ key }) => key));
}

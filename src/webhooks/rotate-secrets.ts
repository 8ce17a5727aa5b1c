import { z } from "zod";
import type { CipherSettings } from "../core/cipher.ts";
import { DAY_MS, isoTime } from "../core/clock.ts";
import { errorText } from "../core/errors.ts";
import { recordEvent } from "../events/index.ts";
import type { Engine } from "../executions/index.ts";
import { newSecret } from "./secrets.ts";

/** How long the secret before an automatic rotation still opens its webhook, when the next one is not due before. */
export const ROTATION_GRACE_MS = 7 * DAY_MS;
const PAGE = 50;

const dueSchema = z.object({
  workspace_id: z.string(),
  id: z.string(),
  workflow_id: z.string(),
  rotate_after_days: z.number(),
  rotate_at: z.number(),
});
type Due = z.infer<typeof dueSchema>;

/**
 * Gives webhooks of all workspaces a new secret whose rotation is due, at most fifty in one run of the cron: what is
 * left is done by the next one. The secret before stays valid for seven days, or until the next rotation when that comes
 * sooner, and an event tells the workspace what to change by then. One webhook that cannot be rotated keeps no other
 * from it. Answers how many were rotated.
 */
export async function rotateSecrets(
  engine: Pick<Engine, "db" | "clock" | "ids" | "log">,
  settings: CipherSettings,
): Promise<number> {
  const now = engine.clock.now();
  const { results } = await engine.db.d1
    .prepare(
      `SELECT workspace_id, id, workflow_id, rotate_after_days, rotate_at FROM webhooks
       WHERE rotate_at <= ?1 AND rotate_after_days IS NOT NULL ORDER BY rotate_at LIMIT ?2`,
    )
    .bind(now, PAGE)
    .run();
  let rotated = 0;
  for (const due of z.array(dueSchema).parse(results)) {
    try {
      if (await rotate(engine, settings, due, now)) rotated += 1;
    } catch (error) {
      const { id: webhookId, workspace_id: workspaceId } = due;
      engine.log.log("error", "Webhook", `a secret was not rotated: ${errorText(error)}`, { webhookId, workspaceId });
    }
  }
  return rotated;
}

/** False when somebody else got there first, or it is not to be rotated any more: then nobody is told of it either. */
async function rotate(
  { db, ids, log }: Pick<Engine, "db" | "ids" | "log">,
  settings: CipherSettings,
  due: Due,
  now: number,
): Promise<boolean> {
  const { workspace_id: workspaceId, id: webhookId, workflow_id: workflowId } = due;
  const periodMs = due.rotate_after_days * DAY_MS;
  const validUntil = now + Math.min(ROTATION_GRACE_MS, periodMs);
  const { secretHash, secret } = await newSecret(settings, ids, { workspaceId, id: webhookId });
  const [updated] = await db.d1.batch([
    // The time that was read stands in the condition: of two crons at once one rotates, and its secret is not lost.
    db.d1
      .prepare(
        `UPDATE webhooks SET previous_hash = secret_hash, previous_secret = secret, previous_valid_until = ?4,
           secret_hash = ?5, secret = ?6, rotate_at = ?7, updated_at = ?8
         WHERE workspace_id = ?1 AND id = ?2 AND rotate_at = ?3`,
      )
      .bind(workspaceId, webhookId, due.rotate_at, validUntil, secretHash, secret, now + periodMs, now),
    recordEvent(
      db,
      {
        workspaceId,
        id: ids.next(),
        key: `secret_rotated/${webhookId}/${due.rotate_at}`,
        type: "secret_rotated",
        level: "warn",
        message: `The secret of a webhook was rotated after ${due.rotate_after_days} days. The one before works until ${isoTime(validUntil)}: give the sender the new address, and the new signing secret where it signs with it.`,
        data: { webhookId, workflowId, previousValidUntil: isoTime(validUntil) },
        at: now,
      },
      { afterChange: true },
    ),
  ]);
  if (updated?.meta.changes !== 1) return false;
  log.log("info", "Webhook", "secret rotated", { workspaceId, webhookId });
  return true;
}

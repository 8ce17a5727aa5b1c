import { z } from "zod";
import type { Db } from "../db/client.ts";
import type { Ctx } from "../db/context.ts";
import { retryTransient } from "../db/transient.ts";
import { DELIVERY_MS } from "./rules/sliding-window.ts";

interface Delivery {
  webhookId: string;
  deliveryId: string;
  executionId: string;
}

/**
 * The statements that write down what a delivery started, for the batch that starts it. A delivery that came within a
 * day before makes the whole batch fail with a unique violation of `webhook_deliveries`.
 */
export function recordDelivery(
  { db, clock, workspaceId }: Ctx,
  { webhookId, deliveryId, executionId }: Delivery,
): D1PreparedStatement[] {
  const now = clock.now();
  return [
    db.d1
      .prepare(
        `DELETE FROM webhook_deliveries
         WHERE workspace_id = ?1 AND webhook_id = ?2 AND delivery_id = ?3 AND created_at <= ?4`,
      )
      .bind(workspaceId, webhookId, deliveryId, now - DELIVERY_MS),
    db.d1
      .prepare(
        `INSERT INTO webhook_deliveries (workspace_id, webhook_id, delivery_id, execution_id, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5)`,
      )
      .bind(workspaceId, webhookId, deliveryId, executionId, now),
  ];
}

/** The execution that a delivery started within the last day, `null` when none is written. */
export async function firstOf(
  { db, clock, workspaceId }: Ctx,
  webhookId: string,
  deliveryId: string,
): Promise<string | null> {
  const first = await retryTransient(() =>
    db.d1
      .prepare(
        `SELECT execution_id FROM webhook_deliveries
         WHERE workspace_id = ?1 AND webhook_id = ?2 AND delivery_id = ?3 AND created_at > ?4`,
      )
      .bind(workspaceId, webhookId, deliveryId, clock.now() - DELIVERY_MS)
      .first("execution_id"),
  );
  return z.string().nullable().parse(first);
}

/** Forgets deliveries that are over a day old, of all workspaces, `limit` at most. Answers how many there were. */
export async function pruneDeliveries({ d1 }: Db, now: number, limit: number): Promise<number> {
  const { results } = await d1
    .prepare(
      `DELETE FROM webhook_deliveries WHERE (webhook_id, delivery_id) IN
         (SELECT webhook_id, delivery_id FROM webhook_deliveries WHERE created_at <= ?1 ORDER BY created_at LIMIT ?2)
       RETURNING 1`,
    )
    .bind(now - DELIVERY_MS, limit)
    .run();
  return results.length;
}

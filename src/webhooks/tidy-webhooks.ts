import { z } from "zod";
import { errorText } from "../core/errors.ts";
import type { Engine } from "../executions/index.ts";
import { pruneDeliveries } from "./deliveries.ts";
import type { Gates } from "./gates.ts";

const PAGE = 1_000;
/** So many pages a run: a busy webhook leaves thousands of deliveries a minute. */
const MAX_PAGES = 20;
const GATES_AT_ONCE = 50;
/** A call that was under way when its webhook was deleted has left itself in the gate by then. */
const SETTLED_MS = 60_000;

/**
 * Removes what webhooks leave behind, in all workspaces: deliveries after a day, secrets after their grace, and the gates of webhooks that were
 * deleted, by themselves or with their workflow. What one run cannot do the next one does.
 */
export async function tidyWebhooks(engine: Pick<Engine, "db" | "clock" | "log">, gates: Gates): Promise<void> {
  const now = engine.clock.now();
  for (let page = 0; page < MAX_PAGES; page += 1) {
    if ((await pruneDeliveries(engine.db, now, PAGE)) < PAGE) break;
  }
  await forgetSecrets(engine, now);
  await emptyGates(engine, gates, now - SETTLED_MS);
}

/** A secret whose grace is over opens nothing: kept, it could only be found. */
async function forgetSecrets({ db }: Pick<Engine, "db">, now: number): Promise<void> {
  await db.d1
    .prepare(
      `UPDATE webhooks SET previous_hash = NULL, previous_secret = NULL, previous_valid_until = NULL
       WHERE previous_hash IS NOT NULL AND previous_valid_until <= ?1`,
    )
    .bind(now)
    .run();
}

const orphanSchema = z.object({ webhook_id: z.string() });

async function emptyGates({ db, log }: Pick<Engine, "db" | "log">, gates: Gates, deletedBefore: number): Promise<void> {
  const { results } = await db.d1
    .prepare("SELECT webhook_id FROM orphaned_gates WHERE deleted_at <= ?1 ORDER BY deleted_at LIMIT ?2")
    .bind(deletedBefore, GATES_AT_ONCE)
    .run();
  const emptied: string[] = [];
  for (const { webhook_id: webhookId } of z.array(orphanSchema).parse(results)) {
    try {
      await gates(webhookId).clear();
      emptied.push(webhookId);
    } catch (error) {
      log.log("warn", "Webhook", `a gate was not emptied: ${errorText(error)}`, { webhookId });
    }
  }
  if (emptied.length === 0) return;
  // The gate first: a row that outlives it is harmless, a gate without a row would keep its payloads for ever.
  await db.d1
    .prepare("DELETE FROM orphaned_gates WHERE webhook_id IN (SELECT value FROM json_each(?1))")
    .bind(JSON.stringify(emptied))
    .run();
}

import { z } from "zod";
import type { Db } from "../db/client.ts";
import { retryTransient } from "../db/transient.ts";
import { DAY_MS, QUARTER_MS, type TimeRange } from "./rules/cover-range.ts";

const nextSchema = z.object({ next: z.number().nullable() });

/** How far a rebuild came. */
export interface Rebuilt {
  /** Those that held anything. */
  days: number;
  /** The day to go on with (epoch ms), `null` when the range is done. */
  next: number | null;
}

/**
 * Makes a workspace's quarters of the range anew from the ledger, a day (UTC) a transaction, the first and last days
 * whole, and at most so many days that hold anything. Days and months are left to be folded: until then they are read by
 * their quarters, so that answers are right throughout, also of calls that are written meanwhile.
 */
export async function rebuildRollups(
  db: Db,
  workspaceId: string,
  range: TimeRange,
  mostDays = Number.POSITIVE_INFINITY,
): Promise<Rebuilt> {
  let days = 0;
  for (let from = dayOf(range.from); from < range.to; from += DAY_MS) {
    const next = await nextDay(db, workspaceId, from);
    if (next === null || next >= range.to) break;
    if (days === mostDays) return { days, next };
    from = next;
    await rebuildDay(db, workspaceId, from);
    days += 1;
  }
  return { days, next: null };
}

function dayOf(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS;
}

/** The next day from `from` on with calls, or with sums of any level, which may be of calls that there are none of. */
async function nextDay(db: Db, workspaceId: string, from: number): Promise<number | null> {
  const row = await retryTransient(() =>
    db.d1
      .prepare(
        `SELECT min(at) AS next FROM (
           SELECT min(at) AS at FROM execution_costs WHERE workspace_id = ?1 AND at >= ?2
           UNION ALL SELECT min(bucket) FROM cost_rollups WHERE workspace_id = ?1 AND level = 'quarter' AND bucket >= ?2
           UNION ALL SELECT min(bucket) FROM cost_rollups WHERE workspace_id = ?1 AND level = 'day' AND bucket >= ?2
           UNION ALL SELECT min(bucket) FROM cost_rollups WHERE workspace_id = ?1 AND level = 'month' AND bucket >= ?2)`,
      )
      .bind(workspaceId, from)
      .first(),
  );
  const { next } = nextSchema.parse(row);
  return next === null ? null : dayOf(next);
}

async function rebuildDay(db: Db, workspaceId: string, day: number): Promise<void> {
  const prepare = (sql: string) => db.d1.prepare(sql).bind(workspaceId, day, day + DAY_MS);
  await retryTransient(() =>
    db.d1.batch([
      prepare(
        "DELETE FROM cost_rollups WHERE workspace_id = ?1 AND level = 'quarter' AND bucket >= ?2 AND bucket < ?3",
      ),
      prepare(
        `INSERT INTO cost_rollups (workspace_id, level, bucket, workflow_id, provider, model, agent_role, calls,
           unpriced_calls, cost_nano_usd, input_tokens, cached_input_tokens, cache_write_tokens, cache_write_1h_tokens,
           output_tokens, reasoning_tokens)
         SELECT workspace_id, 'quarter', at - at % ${QUARTER_MS} AS quarter, workflow_id, provider, model, agent_role,
           count(*), count(*) - count(cost_nano_usd), coalesce(sum(cost_nano_usd), 0), sum(input_tokens),
           sum(cached_input_tokens), sum(cache_write_tokens), sum(cache_write_1h_tokens), sum(output_tokens),
           sum(reasoning_tokens)
         FROM execution_costs WHERE workspace_id = ?1 AND at >= ?2 AND at < ?3
         GROUP BY quarter, workflow_id, provider, model, agent_role`,
      ),
      db.d1
        .prepare(
          `INSERT INTO unfolded_rollups (workspace_id, level, bucket)
           VALUES (?1, 'day', ?2), (?1, 'month', unixepoch(?2 / 1000, 'unixepoch', 'start of month') * 1000)
           ON CONFLICT DO NOTHING`,
        )
        .bind(workspaceId, day),
    ]),
  );
}

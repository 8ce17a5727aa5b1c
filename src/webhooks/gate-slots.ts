import { DELIVERY_MS, type Log, type RateLimit, RESERVATION_MS, type Slot } from "./rules/sliding-window.ts";

/**
 * Slots kept at most: those of any window that may be set, and deliveries up to a day. Deliveries that are pushed out
 * earlier are still known by their unique key in D1.
 */
const KEPT_SLOTS = 50_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS slots (
    seq INTEGER PRIMARY KEY,
    execution_id TEXT NOT NULL UNIQUE,
    delivery_id TEXT,
    at INTEGER NOT NULL,
    confirmed INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS slots_by_delivery ON slots (delivery_id) WHERE delivery_id IS NOT NULL;
`;

interface SlotRow extends Record<string, SqlStorageValue> {
  execution_id: string;
  delivery_id: string | null;
  at: number;
  confirmed: number;
}

/** The slots of one webhook's gate in its object's database. `seq` is their order. */
export function openSlots(sql: SqlStorage) {
  sql.exec(SCHEMA);

  return {
    /** The latest slots that count under this limit and all whose reservation ran out in its window, oldest first. */
    window({ limit, windowSeconds }: RateLimit, now: number): Log {
      const rows = sql.exec<SlotRow>(
        `SELECT execution_id, delivery_id, at, confirmed FROM slots
         WHERE at > ?1 AND (confirmed = 0 AND at <= ?2 OR seq IN (SELECT seq FROM slots
           WHERE at > ?1 AND (confirmed = 1 OR at > ?2) ORDER BY seq DESC LIMIT ?3)) ORDER BY seq`,
        now - windowSeconds * 1_000,
        now - RESERVATION_MS,
        limit,
      );
      return rows.toArray().map(slotOf);
    },

    /** The latest slot of a delivery, in or out of the window. */
    ofDelivery(deliveryId: string): Slot | null {
      const [row] = sql
        .exec<SlotRow>(
          "SELECT execution_id, delivery_id, at, confirmed FROM slots WHERE delivery_id = ? ORDER BY seq DESC LIMIT 1",
          deliveryId,
        )
        .toArray();
      return row ? slotOf(row) : null;
    },

    /** Appends a slot, in place of one of the same execution whose reservation ran out. */
    append({ executionId, deliveryId, at, confirmed }: Slot): void {
      sql.exec(
        "INSERT OR REPLACE INTO slots (execution_id, delivery_id, at, confirmed) VALUES (?, ?, ?, ?)",
        executionId,
        deliveryId,
        at,
        confirmed ? 1 : 0,
      );
    },

    confirm(executionIds: readonly string[]): void {
      sql.exec(
        "UPDATE slots SET confirmed = 1 WHERE execution_id IN (SELECT value FROM json_each(?))",
        JSON.stringify(executionIds),
      );
    },

    release(executionIds: readonly string[]): void {
      sql.exec(
        "DELETE FROM slots WHERE confirmed = 0 AND execution_id IN (SELECT value FROM json_each(?))",
        JSON.stringify(executionIds),
      );
    },

    /** Forgets what can decide nothing any more, and says whether something is left. */
    prune(now: number): boolean {
      sql.exec(
        "DELETE FROM slots WHERE at <= ? OR seq <= (SELECT max(seq) FROM slots) - ?",
        now - DELIVERY_MS,
        KEPT_SLOTS,
      );
      return sql.exec("SELECT 1 FROM slots LIMIT 1").toArray().length > 0;
    },
  };
}

function slotOf(row: SlotRow): Slot {
  return {
    executionId: row.execution_id,
    deliveryId: row.delivery_id,
    at: row.at,
    confirmed: row.confirmed === 1,
  };
}

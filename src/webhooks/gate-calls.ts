/** Calls kept of each kind. */
export const RING = 10;
/** Of a payload's JSON. A longer one is not kept, and its call cannot be replayed. */
export const MAX_KEPT_PAYLOAD_BYTES = 100 * 1024;
const PREVIEW_CHARACTERS = 500;

/** How a call ended: it started an execution, repeated a delivery, was refused, or met a fault of ours. */
export const CALL_OUTCOMES = ["started", "duplicate", "refused", "failed"] as const;
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

interface CallFacts {
  id: string;
  /** Epoch milliseconds. */
  at: number;
  ip: string | null;
  /** The HTTP status that the caller was answered. */
  status: number;
  outcome: CallOutcome;
  /** Which check refused it, by name. */
  failedCheck: string | null;
  executionId: string | null;
  durationMs: number;
  /** Why, for the webhook's owner: more than the caller was told. Holds nothing of the call but names. */
  detail: string | null;
}

/** A call as it is recorded. */
export interface RecordedCall extends CallFacts {
  /** Its payload as JSON; `null` unless it passed address and signature, because such a call can be replayed. */
  payload: string | null;
  /** Epoch milliseconds after which it is forgotten; `null` keeps it until others push it out. */
  keptUntil: number | null;
}

/** A call as it is listed. */
export interface ListedCall extends CallFacts {
  /** The first 500 characters of the payload. */
  payloadPreview: string | null;
  replayable: boolean;
}

/** A call with its whole payload, as JSON. */
export interface StoredCall extends ListedCall {
  payload: string | null;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS calls (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    ring TEXT NOT NULL,
    at INTEGER NOT NULL,
    ip TEXT,
    status INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    failed_check TEXT,
    execution_id TEXT,
    duration_ms INTEGER NOT NULL,
    payload TEXT,
    kept_until INTEGER,
    detail TEXT
  );
`;

const LISTED = `id, at, ip, status, outcome, failed_check, execution_id, duration_ms, detail,
  substr(payload, 1, ${PREVIEW_CHARACTERS}) AS preview, payload IS NOT NULL AS replayable`;

interface ListedRow extends Record<string, SqlStorageValue> {
  id: string;
  at: number;
  ip: string | null;
  status: number;
  outcome: string;
  failed_check: string | null;
  execution_id: string | null;
  duration_ms: number;
  detail: string | null;
  preview: string | null;
  replayable: number;
}

/**
 * The last calls of one webhook in its object's database: ten that were let in and ten that were not, so that a storm
 * of refused calls pushes none of the others out.
 */
export function openCalls(sql: SqlStorage) {
  sql.exec(SCHEMA);
  // Objects that were made before calls had a detail.
  const detailed = sql.exec("SELECT 1 FROM pragma_table_info('calls') WHERE name = 'detail'").toArray();
  if (detailed.length === 0) sql.exec("ALTER TABLE calls ADD COLUMN detail TEXT");

  return {
    /** Writes a call down once: the same id again changes nothing. */
    record(call: RecordedCall): void {
      const ring = ringOf(call);
      const payload = call.payload !== null && isKept(call.payload) ? call.payload : null;
      sql.exec(
        `INSERT OR IGNORE INTO calls
           (id, ring, at, ip, status, outcome, failed_check, execution_id, duration_ms, payload, kept_until, detail)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        call.id,
        ring,
        call.at,
        call.ip,
        call.status,
        call.outcome,
        call.failedCheck,
        call.executionId,
        Math.round(call.durationMs),
        payload,
        call.keptUntil,
        call.detail,
      );
      sql.exec(
        "DELETE FROM calls WHERE ring = ? AND seq NOT IN (SELECT seq FROM calls WHERE ring = ? ORDER BY seq DESC LIMIT ?)",
        ring,
        ring,
        RING,
      );
    },

    /** Both kinds, newest first. */
    list(now: number): ListedCall[] {
      const rows = sql.exec<ListedRow>(
        `SELECT ${LISTED} FROM calls WHERE kept_until IS NULL OR kept_until > ? ORDER BY at DESC, seq DESC`,
        now,
      );
      return rows.toArray().map(listed);
    },

    read(id: string, now: number): StoredCall | null {
      const [row] = sql
        .exec<ListedRow & { payload: string | null }>(
          `SELECT ${LISTED}, payload FROM calls WHERE id = ? AND (kept_until IS NULL OR kept_until > ?)`,
          id,
          now,
        )
        .toArray();
      return row ? { ...listed(row), payload: row.payload } : null;
    },

    /** Forgets calls whose time is up, and says whether one is left that will be. */
    prune(now: number): boolean {
      sql.exec("DELETE FROM calls WHERE kept_until <= ?", now);
      return sql.exec("SELECT 1 FROM calls WHERE kept_until IS NOT NULL LIMIT 1").toArray().length > 0;
    },
  };
}

/** Which of the two a call is kept in. */
export function ringOf({ outcome }: Pick<RecordedCall, "outcome">): "admitted" | "refused" {
  return outcome === "started" || outcome === "duplicate" ? "admitted" : "refused";
}

function listed(row: ListedRow): ListedCall {
  return {
    id: row.id,
    at: row.at,
    ip: row.ip,
    status: row.status,
    // Only `record` writes the column.
    outcome: CALL_OUTCOMES.find((outcome) => outcome === row.outcome) ?? "failed",
    failedCheck: row.failed_check,
    executionId: row.execution_id,
    durationMs: row.duration_ms,
    detail: row.detail,
    payloadPreview: row.preview,
    replayable: row.replayable === 1,
  };
}

function isKept(payload: string): boolean {
  return payload.length <= MAX_KEPT_PAYLOAD_BYTES && new TextEncoder().encode(payload).length <= MAX_KEPT_PAYLOAD_BYTES;
}

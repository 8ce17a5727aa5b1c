import type { Db } from "../db/client.ts";
import type { EventType } from "./inputs.ts";

/** Something that a person of the workspace should know. */
export interface NewEvent {
  workspaceId: string;
  /** UUIDv7: lists are ordered by it. */
  id: string;
  /** Names what happened, so that noticing it twice tells of it once; `null` when that cannot be. */
  key: string | null;
  type: EventType;
  level: "info" | "warn" | "error";
  /** What happened and what to do, for a person. Holds no secret. */
  message: string;
  /** Ids and numbers to find what is meant. Goes out by the API as it is. */
  data: Record<string, string | number | boolean | null>;
  /** Epoch milliseconds. */
  at: number;
}

/**
 * The statement that writes an event, for any batch. A second event of the same key changes nothing. With `afterChange`
 * it is written only when the statement before it in the batch has changed something: otherwise nothing has happened.
 */
export function recordEvent(
  db: Db,
  event: NewEvent,
  { afterChange = false }: { afterChange?: boolean } = {},
): D1PreparedStatement {
  return db.d1
    .prepare(
      `INSERT INTO events (workspace_id, id, dedupe_key, type, level, message, data, at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE ${afterChange ? "changes() > 0" : "true"} ON CONFLICT DO NOTHING`,
    )
    .bind(
      event.workspaceId,
      event.id,
      event.key,
      event.type,
      event.level,
      event.message,
      JSON.stringify(event.data),
      event.at,
    );
}

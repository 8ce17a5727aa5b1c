import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import { type DbUsage, metered } from "./metered.ts";

export type { DbUsage } from "./metered.ts";

/** The database as verbs see it. */
export interface Db {
  /** The typed query builder, for everything that it can say. */
  orm: DrizzleD1Database;
  /** The same connection for statements written by hand: the engine's conditional updates. */
  d1: D1Database;
  /** What this invocation has spent so far. */
  usage: DbUsage;
}

/** Opens the database for one invocation. */
export function openDb(binding: D1Database): Db {
  const usage: DbUsage = { roundTrips: 0, queries: 0, rowsRead: 0, rowsWritten: 0 };
  const d1 = metered(binding, usage);
  return { orm: drizzle(d1), d1, usage };
}

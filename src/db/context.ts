import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import type { Logger } from "../core/log.ts";
import type { Db } from "./client.ts";

/** What a verb needs to work for one workspace. It never holds anything of HTTP. */
export interface Ctx {
  db: Db;
  clock: Clock;
  ids: Ids;
  log: Logger;
  /** The tenant. It stands in the WHERE of every query. */
  workspaceId: string;
  /** Who asks: a person's id, or `null` when a trigger does. */
  userId: string | null;
}

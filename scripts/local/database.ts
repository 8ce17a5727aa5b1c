import { join, resolve } from "node:path";
import { type Unstable_Config, unstable_readConfig } from "wrangler";
import { type Db, openDb } from "../../src/db/client.ts";
import { tryLock } from "./file-lock.ts";
import { migrate } from "./migrate.ts";
import { onDatabase } from "./open-database.ts";
import { WRANGLER_CONFIG } from "./paths.ts";

/**
 * Works on the database of a state folder while no instance runs on it, brought up to date first. Throws with advice when
 * one does.
 */
export async function withLocalDatabase<Result>(stateDir: string, work: (db: Db) => Promise<Result>): Promise<Result> {
  const folder = resolve(stateDir);
  const lock = tryLock(`${folder}/instance.lock`);
  if (!lock) throw new Error(`An instance is running on ${folder}. End it first, then run this again.`);
  const config: Unstable_Config = unstable_readConfig({ config: WRANGLER_CONFIG });
  const id = config.d1_databases.find(({ binding }) => binding === "DB")?.database_id;
  if (id === undefined) throw new Error("wrangler.toml has no D1 database bound as DB.");
  const persistDir = join(folder, "data");
  try {
    await migrate(id, persistDir);
    return await onDatabase(id, persistDir, (database) => work(openDb(database)));
  } finally {
    lock.release();
  }
}

import { join, resolve } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { type Unstable_Config, unstable_readConfig } from "wrangler";
import { type Db, openDb } from "../../src/db/client.ts";
import { tryLock } from "./file-lock.ts";
import { migrate } from "./migrate.ts";
import { WRANGLER_CONFIG } from "./paths.ts";
import { withoutSignalHandlers } from "./signals.ts";

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
    const database = withoutSignalHandlers(
      () =>
        new Miniflare(
          convertV4MiniflareOptions({
            host: "127.0.0.1",
            port: 0,
            cf: false,
            telemetry: { enabled: false },
            resourcePersistencePath: persistDir,
            workers: [
              {
                name: "database",
                modules: [{ type: "ESModule", path: "database.js", contents: "export default {}" }],
                compatibilityDate: config.compatibility_date ?? "2026-11-01",
                d1Databases: { DB: { id } },
              },
            ],
          }),
        ),
    );
    try {
      return await work(openDb(await database.getD1Database("DB")));
    } finally {
      await database.dispose();
    }
  } finally {
    lock.release();
  }
}

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { unstable_splitSqlQuery } from "wrangler";
import { onDatabase } from "./open-database.ts";
import { MIGRATIONS_DIR } from "./paths.ts";

/** Wrangler's own bookkeeping of applied migrations, so that both can work on the same database. */
const TABLE = `CREATE TABLE IF NOT EXISTS d1_migrations(
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`;

/**
 * Applies the migrations that the local database has not seen, in the order of their names, each in one transaction.
 * It works on the files before anything serves them: a request must never meet half a schema.
 * Answers the names of what was applied.
 */
export async function migrate(databaseId: string, persistDir: string): Promise<string[]> {
  return onDatabase(databaseId, persistDir, async (db) => {
    await db.prepare(TABLE).run();
    const { results } = await db.prepare("SELECT name FROM d1_migrations").all<{ name: string }>();
    const applied = new Set(results.map((row) => row.name));
    const pending = readdirSync(MIGRATIONS_DIR)
      .filter((name) => name.endsWith(".sql") && !applied.has(name))
      .sort();
    for (const name of pending) {
      const statements = unstable_splitSqlQuery(readFileSync(join(MIGRATIONS_DIR, name), "utf8"));
      const record = db.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name);
      try {
        await db.batch([...statements.map((statement) => db.prepare(statement)), record]);
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`migrations/${name} does not apply, and the database is as it was before it: ${reason}`, {
          cause,
        });
      }
    }
    return pending;
  });
}

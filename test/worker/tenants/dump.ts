import { env } from "cloudflare:workers";
import { z } from "zod";
import { tableNames } from "../rows.ts";

const columnSchema = z.object({ name: z.string() });

/**
 * All rows that a workspace owns, by table, as text: two dumps are equal when nothing of it was changed, and a text that
 * stands in a dump is in the database.
 */
export async function dumpOf(workspaceId: string): Promise<Record<string, string>> {
  const names = await tableNames();
  const columns = await env.DB.batch(names.map((name) => env.DB.prepare(`PRAGMA table_info(${name})`)));
  const owned = names.filter((_, place) =>
    columns[place]?.results.some((column) => columnSchema.parse(column).name === "workspace_id"),
  );
  const rows = await env.DB.batch(
    owned.map((name) => env.DB.prepare(`SELECT * FROM ${name} WHERE workspace_id = ?`).bind(workspaceId)),
  );
  return Object.fromEntries(
    owned.map((name, place) => [
      name,
      (rows[place]?.results ?? [])
        .map((row) => JSON.stringify(row))
        .toSorted()
        .join("\n"),
    ]),
  );
}

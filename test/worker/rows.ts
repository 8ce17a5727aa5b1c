import { env } from "cloudflare:workers";
import { z } from "zod";

const tableSchema = z.object({ name: z.string() });
const columnSchema = z.object({ name: z.string() });
const countSchema = z.object({ rows: z.number() });

/** The names of the project's own tables. */
export async function tableNames(): Promise<string[]> {
  const { results } = await env.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*' AND name <> 'd1_migrations' ORDER BY name",
  ).all();
  return results.map((row) => tableSchema.parse(row).name);
}

/** How many rows each table holds: of one workspace where a table knows workspaces, else all. */
export async function countRows(workspaceId?: string): Promise<Record<string, number>> {
  const names = await tableNames();
  const columns = await env.DB.batch(names.map((name) => env.DB.prepare(`PRAGMA table_info(${name})`)));
  const counts = await env.DB.batch(
    names.map((name, place) => {
      const tenanted = columns[place]?.results.some((column) => columnSchema.parse(column).name === "workspace_id");
      const one = workspaceId !== undefined && tenanted;
      const statement = env.DB.prepare(`SELECT count(*) AS rows FROM ${name} ${one ? "WHERE workspace_id = ?" : ""}`);
      return one ? statement.bind(workspaceId) : statement;
    }),
  );
  return Object.fromEntries(names.map((name, place) => [name, countSchema.parse(counts[place]?.results[0]).rows]));
}

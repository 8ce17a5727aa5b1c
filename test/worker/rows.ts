import { env } from "cloudflare:workers";
import { z } from "zod";

const tableSchema = z.object({ name: z.string() });
const countSchema = z.object({ name: z.string(), rows: z.number() });

/** The names of the project's own tables. */
export async function tableNames(): Promise<string[]> {
  const { results } = await env.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*' AND name <> 'd1_migrations' ORDER BY name",
  ).all();
  return results.map((row) => tableSchema.parse(row).name);
}

/** How many rows each table holds: of one workspace where a table knows workspaces, else all. */
export async function countRows(workspaceId?: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of await tableNames()) {
    const { results } = await env.DB.prepare(`PRAGMA table_info(${name})`).all();
    const tenanted = results.some((column) => column.name === "workspace_id");
    const one = workspaceId !== undefined && tenanted;
    const statement = env.DB.prepare(
      `SELECT '${name}' AS name, count(*) AS rows FROM ${name} ${one ? "WHERE workspace_id = ?" : ""}`,
    );
    counts[name] = countSchema.parse(await (one ? statement.bind(workspaceId) : statement).first()).rows;
  }
  return counts;
}

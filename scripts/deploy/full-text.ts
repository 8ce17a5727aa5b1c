import { z } from "zod";
import type { EnvironmentName } from "./environments.ts";
import { jsonOf, wrangler } from "./wrangler.ts";

/** A virtual table, or a trigger that keeps one up to date. */
interface Part {
  type: "table" | "trigger";
  name: string;
  sql: string;
}

const answerSchema = z.array(
  z.looseObject({
    results: z.array(z.object({ type: z.enum(["table", "trigger"]), name: z.string(), sql: z.string() })),
  }),
);

/** Virtual tables first: their triggers name them. */
const FIND = `SELECT type, name, sql FROM sqlite_schema v WHERE sql LIKE 'CREATE VIRTUAL TABLE%'
  OR (type = 'trigger' AND EXISTS (SELECT 1 FROM sqlite_schema t WHERE t.sql LIKE 'CREATE VIRTUAL TABLE%'
    AND instr(v.sql, t.name) > 0)) ORDER BY type, name`;

/** The full-text indexes of a deployed database, as they are there and not as a migration once made them. */
export async function fullTextParts(environment: EnvironmentName): Promise<Part[]> {
  const args = ["d1", "execute", "DB", "--remote", "--env", environment, "--json", "--command", FIND];
  return answerSchema.parse(jsonOf(args, await wrangler(args))).flatMap(({ results }) => results);
}

export function dropStatements(parts: readonly Part[]): string {
  return parts
    .toReversed()
    .map(({ type, name }) => `DROP ${type.toUpperCase()} IF EXISTS ${name};`)
    .join("\n");
}

/** Makes them again, and fills them: they hold no text of their own. */
export function rebuildStatements(parts: readonly Part[]): string {
  const fill = parts
    .filter(({ type }) => type === "table")
    .map(({ name }) => `INSERT INTO ${name} (${name}) VALUES ('rebuild');`);
  return [...parts.map(({ sql }) => `${sql};`), ...fill, ""].join("\n");
}

import type { Env } from "../../../src/env.ts";

type Row = Record<string, string | number | null>;

/** Columns whose values name a row: a copy has names of its own. */
const IDS = new Set(["id", "workflow_id", "version_id", "execution_id", "parent_version_id"]);

/** What belongs to a workflow, in an order in which it can be inserted. */
const PARTS = [
  ["workflows", "SELECT * FROM workflows WHERE workspace_id = ?1 AND id = ?2"],
  [
    "snapshots",
    `SELECT * FROM snapshots WHERE workspace_id = ?1 AND hash IN (SELECT draft_hash FROM workflows WHERE workspace_id = ?1 AND id = ?2
       UNION SELECT content_hash FROM versions WHERE workspace_id = ?1 AND workflow_id = ?2)`,
  ],
  ["versions", "SELECT * FROM versions WHERE workspace_id = ?1 AND workflow_id = ?2"],
  ["executions", "SELECT * FROM executions WHERE workspace_id = ?1 AND workflow_id = ?2"],
  [
    "steps",
    `SELECT s.* FROM executions e JOIN steps s ON s.workspace_id = e.workspace_id AND s.execution_id = e.id
     WHERE e.workspace_id = ?1 AND e.workflow_id = ?2`,
  ],
] as const;

/**
 * Reads all of a workspace's workflows with what belongs to them, one batch a workflow, and writes them as JSON into the
 * air; or, with `to`, into another workspace, one batch a workflow again. No name is looked at, no definition checked, no
 * file packed or unpacked, and whoever is interrupted has half of it. Answers how many characters of JSON it was.
 */
export async function copyBare({ DB }: Pick<Env, "DB">, from: string, to: string | null): Promise<number> {
  const { results } = await DB.prepare("SELECT id FROM workflows WHERE workspace_id = ?1 ORDER BY id")
    .bind(from)
    .run<{ id: string }>();
  let characters = 0;
  for (const { id } of results) {
    const read = await DB.batch<Row>(PARTS.map(([, sql]) => DB.prepare(sql).bind(from, id)));
    const parts = read.map((part, place) => ({ table: PARTS[place]?.[0] ?? "", rows: part.results }));
    if (to === null) characters += JSON.stringify(parts).length;
    else characters += await write(DB, parts, to);
  }
  return characters;
}

async function write(DB: D1Database, parts: readonly { table: string; rows: Row[] }[], to: string): Promise<number> {
  let characters = 0;
  const statements = parts.flatMap(({ table, rows }) => {
    const [first] = rows;
    if (first === undefined) return [];
    const columns = Object.keys(first);
    const json = JSON.stringify(rows.map((row) => movedTo(row, to)));
    characters += json.length;
    const values = columns.map((column) => `value ->> '${column}'`);
    const sql = `INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) SELECT ${values.join(", ")} FROM json_each(?1)`;
    return [DB.prepare(sql).bind(json)];
  });
  await DB.batch(statements);
  return characters;
}

function movedTo(row: Row, workspaceId: string): Row {
  const moved = Object.entries(row).map(([column, value]) => [
    column,
    IDS.has(column) && value !== null ? `${value}-copy` : value,
  ]);
  return { ...Object.fromEntries(moved), workspace_id: workspaceId };
}

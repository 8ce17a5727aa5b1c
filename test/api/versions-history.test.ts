import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { openDb } from "../../src/db/client.ts";
import type { Ctx } from "../../src/db/context.ts";
import { definitionSchema } from "../../src/definitions/index.ts";
import { commitVersion } from "../../src/versions/commit-version.ts";
import { compareVersions } from "../../src/versions/compare-versions.ts";
import { listVersions } from "../../src/versions/read-versions.ts";
import { getWorkflow, restoreVersion, saveWorkflow } from "../../src/workflows/index.ts";
import { type Account, ctxOf, signUp } from "../worker/accounts.ts";
import { prompted, versioning } from "../worker/versions.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});

const { workflow, commit } = versioning(() => account);

/**
 * The rows that D1 looks at when `work` asks for something: its SELECTs are sent again one by one, because `raw()`, which
 * drizzle reads with, does not report them.
 */
async function rowsRead(work: (ctx: Ctx) => Promise<unknown>): Promise<number> {
  const ctx = ctxOf(account);
  const asked: D1PreparedStatement[] = [];
  const recorded = (statement: D1PreparedStatement, sql: string): D1PreparedStatement =>
    new Proxy(statement, {
      get(target, property) {
        if (property === "bind") return (...values: unknown[]) => recorded(target.bind(...values), sql);
        if (property === "raw" && /^select/i.test(sql)) asked.push(target);
        const value: unknown = Reflect.get(target, property);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  const d1 = new Proxy(env.DB, {
    get(target, property) {
      if (property === "prepare") return (sql: string) => recorded(target.prepare(sql), sql);
      const value: unknown = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const db = openDb(d1);
  await work({ ...ctx, db });
  let rows = db.usage.rowsRead;
  for (const statement of asked) rows += (await statement.all()).meta.rows_read;
  return rows;
}

test("whatever is asked of a history of ten thousand versions reads few rows", async () => {
  const id = await workflow("one");
  const { body: first } = await commit(id);
  await env.DB.prepare(
    `WITH RECURSIVE numbers (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000)
       INSERT INTO versions (workspace_id, id, workflow_id, number, kind, message, content_hash, created_at)
       SELECT ?1, ?2 || n, ?2, n, 'auto', 'x', ?3, ?4 FROM numbers`,
  )
    .bind(account.workspaceId, id, first.contentHash, Date.now())
    .run();
  const save = { workflowId: id, definition: definitionSchema.parse(prompted("two")) };
  const figures = {
    workflow: await rowsRead((ctx) => getWorkflow(ctx, id)),
    save: await rowsRead((ctx) => saveWorkflow(ctx, save)),
    commit: await rowsRead((ctx) => commitVersion(ctx, { workflowId: id, commitMessage: "x" })),
    restore: await rowsRead((ctx) => restoreVersion(ctx, id, "1")),
    compare: await rowsRead((ctx) => compareVersions(ctx, id, "1", "9000")),
    page: await rowsRead((ctx) => listVersions(ctx, id, { limit: 50, cursor: btoa("5000") })),
    committed: await rowsRead((ctx) => listVersions(ctx, id, { limit: 50, kind: "committed" })),
    tagged: await rowsRead((ctx) => listVersions(ctx, id, { limit: 50, tagged: "true" })),
  };
  for (const [name, rows] of Object.entries(figures)) expect(rows, name).toBeLessThan(name === "page" ? 300 : 100);
});

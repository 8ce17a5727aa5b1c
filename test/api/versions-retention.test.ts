import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { openDb } from "../../src/db/client.ts";
import { startExecution } from "../../src/executions/index.ts";
import { pruneVersions } from "../../src/versions/index.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { ctxWith, testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { versioning } from "../worker/versions.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const { workflow, save, commit, versions } = versioning(() => account);

async function count(sql: string, ...values: unknown[]): Promise<number> {
  return z.object({ n: z.number() }).parse(
    await env.DB.prepare(sql)
      .bind(...values)
      .first(),
  ).n;
}

/** Automatic versions 1 to `amount` of a workflow that has none, each a minute younger than the one before it. */
async function addOldVersions(workflowId: string, amount: number): Promise<void> {
  await env.DB.prepare(
    `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?3)
     INSERT INTO versions (workspace_id, id, workflow_id, number, kind, message, content_hash, created_at)
     SELECT ?1, ?2 || '/' || n, ?2, n, 'auto', 'Saved', 'none', ?4 + n * 60000 FROM numbers`,
  )
    .bind(account.workspaceId, workflowId, amount, Date.now() - 40 * 86_400_000)
    .run();
}

describe("retention", () => {
  test("old automatic versions go; what is tagged, executed, committed, recent or newest stays", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    await account.send("PUT", "/api/settings", { autoVersionsKept: 1, autoVersionDays: 10 });
    const id = await workflow("0");
    const days = (n: number) => n * 86_400_000;
    const age = (number: number, byDays: number) =>
      env.DB.prepare("UPDATE versions SET created_at = created_at - ? WHERE workflow_id = ? AND number = ?")
        .bind(days(byDays), id, number)
        .run();
    const engine = testEngine();
    for (let number = 1; number <= 7; number += 1) {
      await save(id, `${number}`);
      if (number === 2) await account.send("PUT", `/api/versions/${(await versions(id))[0]?.id}/tag`, { tag: "kept" });
      if (number === 3) {
        const trigger = { type: "manual", id: null } as const;
        await startExecution(ctxWith(account, engine), engine, { workflowId: id, input: null, trigger });
      }
      if (number === 4) await commit(id, "Committed");
      await age(number, number === 5 ? 1 : 20);
    }
    await env.DB.prepare("UPDATE snapshots SET touched_at = touched_at - ? WHERE workspace_id = ?")
      .bind(days(1), account.workspaceId)
      .run();
    await pruneVersions(openDb(env.DB), Date.now(), 100);
    // 1 and 6 are old, needed by nothing, and not the one automatic version that is kept: that is 7.
    expect((await versions(id)).map(({ version }) => version)).toEqual([7, 5, 4, 3, 2]);
    for (const version of await versions(id)) {
      expect((await account.send("GET", `/api/versions/${version.id}`)).status).toBe(200);
    }
    const dangling = await count(
      "SELECT count(*) AS n FROM snapshots s WHERE NOT EXISTS (SELECT 1 FROM versions v WHERE v.content_hash = s.hash) AND NOT EXISTS (SELECT 1 FROM workflows w WHERE w.draft_hash = s.hash)",
    );
    expect(dangling).toBe(0);
  });

  test("an old automatic version inside the number that is kept stays, and the next one goes", async () => {
    await account.send("PUT", "/api/settings", { autoVersionsKept: 2, autoVersionDays: 10 });
    const id = await workflow("many");
    await addOldVersions(id, 4);
    // What somebody committed does not count towards the number.
    expect((await commit(id, "Committed")).status).toBe(201);
    await pruneVersions(openDb(env.DB), Date.now(), 100);
    expect((await versions(id)).map(({ version }) => version)).toEqual([5, 4, 3]);
  });

  test("of more than can go at once the oldest go first", async () => {
    await account.send("PUT", "/api/settings", { autoVersionsKept: 1, autoVersionDays: 10 });
    const [one, other] = [await workflow("one"), await workflow("other")];
    await addOldVersions(one, 4);
    await addOldVersions(other, 4);
    await pruneVersions(openDb(env.DB), Date.now(), 4);
    for (const id of [one, other]) expect((await versions(id)).map(({ version }) => version)).toEqual([4, 3]);
    await pruneVersions(openDb(env.DB), Date.now(), 100);
  });

  test("five times as many old automatic versions cost five times the reading, whether they go or stay", async () => {
    const readFor = async (amount: number, autoVersionsKept: number) => {
      const { status } = await account.send("PUT", "/api/settings", { autoVersionsKept, autoVersionDays: 10 });
      expect(status).toBe(200);
      const id = await workflow("thousands");
      await addOldVersions(id, amount);
      const db = openDb(env.DB);
      await pruneVersions(db, Date.now(), amount);
      const left = await count("SELECT count(*) AS n FROM versions WHERE workflow_id = ?", id);
      expect(left).toBe(Math.min(amount, autoVersionsKept));
      await env.DB.prepare("DELETE FROM versions WHERE workflow_id = ?").bind(id).run();
      return db.usage.rowsRead;
    };
    for (const kept of [1, 1_000]) {
      const [few, many] = [await readFor(1_000, kept), await readFor(5_000, kept)];
      expect(few).toBeGreaterThan(1_000);
      expect(many).toBeLessThan(5_000 * 20);
    }
  });

  test.each([
    ["versions", "snapshots"],
    ["snapshots", "versions"],
  ])("%s that cannot be removed are told of, and do not keep %s from being removed", async (stuck, free) => {
    await account.send("PUT", "/api/settings", { autoVersionsKept: 1, autoVersionDays: 10 });
    const id = await workflow(`stuck ${stuck}`);
    await addOldVersions(id, 2);
    await env.DB.prepare("INSERT INTO snapshots VALUES (?, ?, 'json', '{}', 0)").bind(account.workspaceId, id).run();
    const left = {
      versions: () => count("SELECT count(*) AS n FROM versions WHERE workflow_id = ?", id),
      snapshots: () => count("SELECT 1 + count(*) AS n FROM snapshots WHERE hash = ?", id),
    };
    const of = (table: string) => (table === "versions" ? left.versions() : left.snapshots());
    await env.DB.prepare(
      `CREATE TRIGGER stuck BEFORE DELETE ON ${stuck} BEGIN SELECT RAISE(ABORT, 'it is stuck'); END`,
    ).run();
    await expect(pruneVersions(openDb(env.DB), Date.now(), 100)).rejects.toThrow("it is stuck");
    expect([await of(stuck), await of(free)]).toEqual([2, 1]);
    await env.DB.prepare("DROP TRIGGER stuck").run();
    await pruneVersions(openDb(env.DB), Date.now(), 100);
    expect([await of(stuck), await of(free)]).toEqual([1, 1]);
  });

  test("what a workspace keeps is bounded and said", async () => {
    const owner = await signUp();
    expect((await owner.send("GET", "/api/settings")).body).toMatchObject({
      autoVersionsKept: 50,
      autoVersionDays: 30,
    });
    expect((await owner.send("PUT", "/api/settings", { autoVersionDays: 7 })).body).toMatchObject({
      autoVersionsKept: 50,
      autoVersionDays: 7,
    });
    expect((await owner.send("PUT", "/api/settings", { autoVersionDays: 0 })).status).toBe(422);
    expect((await owner.send("PUT", "/api/settings", { autoVersionsKept: 1_000 })).status).toBe(200);
    expect((await owner.send("PUT", "/api/settings", { autoVersionsKept: 1_001 })).status).toBe(422);
  });
});

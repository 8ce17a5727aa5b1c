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
    // 1 is old and unneeded; 6 is old but among the newest automatic ones that are kept; 7 is the head.
    expect((await versions(id)).map(({ version }) => version)).toEqual([7, 5, 4, 3, 2]);
    for (const version of await versions(id)) {
      expect((await account.send("GET", `/api/versions/${version.id}`)).status).toBe(200);
    }
    const dangling = await count(
      "SELECT count(*) AS n FROM snapshots s WHERE NOT EXISTS (SELECT 1 FROM versions v WHERE v.content_hash = s.hash) AND NOT EXISTS (SELECT 1 FROM workflows w WHERE w.draft_hash = s.hash)",
    );
    expect(dangling).toBe(0);
  });

  test("what a workspace keeps is bounded and said", async () => {
    const owner = await signUp();
    expect((await owner.send("GET", "/api/settings")).body).toEqual({ autoVersionsKept: 50, autoVersionDays: 30 });
    expect((await owner.send("PUT", "/api/settings", { autoVersionDays: 7 })).body).toEqual({
      autoVersionsKept: 50,
      autoVersionDays: 7,
    });
    expect((await owner.send("PUT", "/api/settings", { autoVersionDays: 0 })).status).toBe(422);
  });
});

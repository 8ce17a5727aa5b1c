import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { openDb } from "../../src/db/client.ts";
import { consumeSteps, startExecution } from "../../src/executions/index.ts";
import { startBulkExport } from "../../src/transfer/bulk-start.ts";
import { bulkExportSchema } from "../../src/transfer/export-options.ts";
import { runExport, runImport, tidyImports } from "../../src/transfer/index.ts";
import { faultyDb } from "../sweep/bindings.ts";
import { type Account, ctxOf, ORIGIN, signUp } from "../worker/accounts.ts";
import { batchOf, ctxWith, resetBreaker, type TestEngine, testEngine } from "../worker/engine.ts";
import { largeImports, many, objects } from "../worker/large-imports.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { at, EVERY_FIVE, engineAt, inShort, moveTo, runsOf, START, scheduled, tick } from "../worker/schedules.ts";
import { createWorkflow } from "../worker/workflows.ts";

/** What D1 says of which nothing is known, and which is not tried again by itself. */
const FAULT = "D1_ERROR: internal error; reference = 0123456789";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A database whose first call that begins with this fails, before its effect or behind it. */
function failingOnce(sql: string, when: "before" | "behind" = "before"): D1Database {
  let failed = false;
  return faultyDb(env.DB, async (label, run) => {
    if (failed || !label.includes(sql)) return run();
    failed = true;
    if (when === "behind") await run();
    throw new Error(FAULT);
  });
}

describe("a fault of the database", () => {
  async function start(engine: TestEngine) {
    const workflowId = await createWorkflow(account, ["a"]);
    const trigger = { type: "manual", id: null } as const;
    return startExecution(ctxWith(account, engine), engine, { workflowId, input: "go", trigger });
  }

  const ledger = async (executionId: string) =>
    (
      await env.DB.prepare("SELECT fence FROM execution_costs WHERE execution_id = ? ORDER BY fence")
        .bind(executionId)
        .all()
    ).results;

  test("that keeps a step from ending does not lose what its call cost", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine();
    const { executionId } = await start(engine);
    const db = openDb(failingOnce("UPDATE steps SET guard"));
    await consumeSteps({ ...engine, db }, batchOf([engine.sent[0]?.message]));
    expect(await ledger(executionId)).toEqual([{ fence: 1 }]);
  });

  test("that keeps a step from being put back does not lose the attempt", async () => {
    answerAsOpenAi(() => ({ status: 500 }));
    const engine = testEngine();
    const { executionId } = await start(engine);
    const db = openDb(failingOnce("UPDATE steps SET guard"));
    await consumeSteps({ ...engine, db }, batchOf([engine.sent[0]?.message]));
    const attempts = await env.DB.prepare("SELECT error_kind FROM attempts WHERE execution_id = ?")
      .bind(executionId)
      .all();
    expect(attempts.results).toEqual([{ error_kind: "server" }]);
    await resetBreaker(engine, account);
  });

  test("while keys are looked up leaves a schedule's run to the next minute", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const engine = engineAt(START);
    const { id } = await scheduled(account, engine, await createWorkflow(account, ["a"]), EVERY_FIVE);
    moveTo(engine, at("10:05"));
    await tick(engine, {
      providerKey: async () => {
        throw new Error(FAULT);
      },
    });
    expect(inShort(await runsOf(account, engine, id))).toEqual(["10:05 pending"]);
    moveTo(engine, at("10:06"));
    await tick(engine);
    expect(inShort(await runsOf(account, engine, id))).toEqual(["10:05 running"]);
  });
});

describe("a fault of the database in an import over the queue", () => {
  const { quietImport, read } = largeImports(() => account);

  test.each(["before", "behind"] as const)("%s a workflow is written fails none of them", async (when) => {
    const { ports, message, importId } = await quietImport(many(21, `Of a large file, ${when}`));
    const db = openDb(failingOnce("INSERT INTO snapshots", when));
    await runImport({ ...ctxOf(account), db }, ports, message);
    const { status, summary, results } = await read(importId);
    expect([status, summary]).toMatchObject(["succeeded", { created: 21, failed: 0 }]);
    expect(new Set(results.map(({ workflowId }) => workflowId)).size).toBe(21);
  });

  test("behind its being queued takes its file from no import that was accepted", async () => {
    const db = openDb(failingOnce("UPDATE imports SET status = 'queued'", "behind"));
    const { ports, message, sent, importId } = await quietImport(many(21, "Accepted"), "", { db });
    expect(sent).toEqual([message]);
    await runImport(ctxOf(account), ports, message);
    expect(await read(importId)).toMatchObject({ status: "succeeded", summary: { created: 21 } });
    expect((await objects()).length).toBe(0);
  });

  test("behind its end, or one of the bucket then, leaves the file to the cron", async () => {
    const ended = await quietImport(many(21, "Ended"));
    const db = openDb(failingOnce("UPDATE imports SET status = 'succeeded'", "behind"));
    await expect(runImport({ ...ctxOf(account), db }, ended.ports, ended.message)).rejects.toThrow(FAULT);
    const kept = await quietImport(many(21, "Kept"));
    const bucket = new Proxy(env.EXPORTS, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property);
        if (property === "delete") return () => Promise.reject(new Error("R2 is not there"));
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    await expect(runImport(ctxOf(account), { ...kept.ports, bucket }, kept.message)).rejects.toThrow("R2 is not there");
    const statuses = [(await read(ended.importId)).status, (await read(kept.importId)).status];
    expect([...statuses, (await objects()).length]).toEqual(["succeeded", "succeeded", 2]);
    await tidyImports(openDb(env.DB), { ...kept.ports, ctxOf: () => ctxOf(account) }, Date.now() + 3_600_000);
    expect((await objects()).length).toBe(0);
  });
});

describe("a fault of the database in a bulk export", () => {
  test("behind its being ready does not take its file away", async () => {
    await createWorkflow(account, ["a"]);
    const request = bulkExportSchema.parse({ all: true });
    const { exportId } = await startBulkExport(ctxOf(account), async () => undefined, request);
    const db = openDb(failingOnce("UPDATE exports SET updated_at = ?4, status = 'ready'", "behind"));
    const message = { kind: "export", workspaceId: account.workspaceId, exportId } as const;
    await runExport({ ...testEngine(), db }, env.EXPORTS, message);
    const { body } = await account.send<{ status: string; downloadUrl: string }>("GET", `/api/exports/${exportId}`);
    expect(body.status).toBe("ready");
    const file = await account.fetch(new URL(body.downloadUrl, ORIGIN).pathname);
    expect([file.status, (await file.arrayBuffer()).byteLength > 0]).toEqual([200, true]);
  });
});

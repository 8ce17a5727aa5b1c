import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { openDb } from "../../src/db/client.ts";
import { prune, pruneExecutions, pruneLogs, startExecution } from "../../src/executions/index.ts";
import { retryExecution } from "../../src/executions/retry-execution.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { ctxWith, type TestEngine, testClock, testEngine } from "../worker/engine.ts";
import { settled } from "../worker/executions.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { countRows } from "../worker/rows.ts";
import { createWebhook, recorded } from "../worker/webhooks.ts";
import { createWorkflow } from "../worker/workflows.ts";

const DAY_MS = 86_400_000;
const NO_RETRIES = { settings: { stepRetries: 0 } };

let account: Account;
beforeEach(async () => {
  account = await signUp();
});
afterEach(async () => {
  vi.restoreAllMocks();
  // Tests count what the cron reads over all workspaces.
  await env.DB.prepare("DELETE FROM executions").run();
  await env.DB.prepare("DELETE FROM retention_progress").run();
});

/** An engine whose clock stands some days ago. */
const engineDaysAgo = (days: number) => testEngine({}, testClock(Date.now() - days * DAY_MS));

/** Ids tell the age of an execution: they come from the engine's clock. */
const ctxThen = (who: Account, engine: TestEngine) => ({ ...ctxWith(who, engine), ids: engine.ids });

/** Runs a new workflow once to its end. */
async function runOnce(who: Account, engine: TestEngine, edges: readonly string[]) {
  const workflowId = await createWorkflow(who, edges, NO_RETRIES);
  const { executionId } = await start(who, engine, workflowId);
  await engine.drain();
  return { workflowId, executionId };
}

function start(who: Account, engine: TestEngine, workflowId: string) {
  const trigger = { type: "manual", id: null } as const;
  return startExecution(ctxThen(who, engine), engine, { workflowId, input: "go", trigger });
}

/** One run of the cron's task, and what it asked of the database. */
async function pruned(task: typeof pruneExecutions, now = Date.now()) {
  const db = openDb(env.DB);
  await task(db, now);
  return db.usage;
}

/** Executions that have ended, `days` old and a millisecond apart, without steps. */
async function addExecutions(workspaceId: string, workflowId: string, amount: number, days: number): Promise<void> {
  await env.DB.prepare(
    `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?4)
     INSERT INTO executions (workspace_id, id, workflow_id, version_id, version_number, content_hash, status,
       trigger_type, input, created_at, completed_at, deadline_at)
     SELECT ?1, printf('%08x-%04x-7000-8000-%012x', (?3 + n) >> 16, (?3 + n) & 65535, random() & 0xffffffffffff), ?2,
       'v', 1, 'none', 'succeeded', 'manual', 'null', ?3 + n, ?3 + n, ?3 + n FROM numbers`,
  )
    .bind(workspaceId, workflowId, Date.now() - days * DAY_MS, amount)
    .run();
}

const executionsLeft = async () => (await countRows(account.workspaceId)).executions;

describe("settings", () => {
  test("of a new workspace keep executions 90 days, logs and calls 30; an owner changes each by itself", async () => {
    const read = async () => (await account.send("GET", "/api/settings")).body;
    expect(await read()).toMatchObject({ autoVersionsKept: 50, executionDays: 90, logDays: 30, callDays: 30 });
    await account.send("PUT", "/api/settings", { executionDays: null });
    await account.send("PUT", "/api/settings", { logDays: null, callDays: 1 });
    expect(await read()).toMatchObject({ autoVersionDays: 30, executionDays: null, logDays: null, callDays: 1 });
    await account.send("PUT", "/api/settings", { executionDays: 7 });
    expect(await read()).toMatchObject({ executionDays: 7, logDays: null, callDays: 1 });
  });

  test.each([{ executionDays: 0 }, { executionDays: 3_651 }, { logDays: 1.5 }, { callDays: 31 }, { callDays: null }])(
    "refuse %o",
    async (change) => {
      expect((await account.send("PUT", "/api/settings", change)).status).toBe(422);
    },
  );
});

describe("executions past their time", () => {
  test("go with all that hangs on them; money, sums and statistics stay, and so does what is young or elsewhere", async () => {
    answerAsOpenAi(({ system }) => ({ text: system === "You are a." ? "x".repeat(300_000) : "ok" }));
    const elsewhere = await signUp();
    await elsewhere.send("PUT", "/api/settings", { executionDays: null });
    const engine = engineDaysAgo(91);
    const { workflowId, executionId } = await runOnce(account, engine, ["a>b"]);
    const kept = await runOnce(elsewhere, engineDaysAgo(400), ["a"]);
    const young = engineDaysAgo(89);
    await start(account, young, workflowId);
    await young.drain();
    const before = await countRows(account.workspaceId);
    const told = async () => [
      (await account.send(`GET`, `/api/analytics/costs?startDate=2020-01-01&endDate=2099-01-01`)).body,
      (await account.send(`GET`, `/api/workflows/${workflowId}/versions`)).body,
    ];
    const toldBefore = await told();
    expect(before.attempts).toBe(4);

    await pruned(pruneExecutions);

    expect((await account.send("GET", `/api/executions/${executionId}`)).status).toBe(404);
    expect((await elsewhere.send("GET", `/api/executions/${kept.executionId}`)).status).toBe(200);
    const after = await countRows(account.workspaceId);
    const gone = Object.entries(before).filter(([table, rows]) => rows !== after[table]);
    expect(Object.fromEntries(gone)).toEqual({
      executions: 2,
      steps: 4,
      attempts: 4,
      logs: 4,
    });
    expect(after).toMatchObject({ executions: 1, steps: 2, attempts: 2, execution_costs: 4 });
    expect(await told()).toEqual(toldBefore);

    const objects = async () => (await env.OUTPUTS.list()).objects.filter(({ key }) => key.includes(executionId));
    expect(await objects()).toHaveLength(1);
    await prune(testEngine());
    expect(await objects()).toHaveLength(0);
  });

  test("stay while they are under way", async () => {
    const engine = engineDaysAgo(200);
    const workflowId = await createWorkflow(account, ["a"], NO_RETRIES);
    await start(account, engine, workflowId);
    await pruned(pruneExecutions);
    expect(await executionsLeft()).toBe(1);
    await env.DB.prepare("UPDATE executions SET status = 'cancelled', completed_at = ?").bind(Date.now()).run();
    await settled();
    await pruned(pruneExecutions);
    expect(await executionsLeft()).toBe(0);
  });

  test("stay for as long as a retry of them, which says what it saved", async () => {
    let broken = true;
    answerAsOpenAi(({ system }) => (broken && system === "You are b." ? { status: 400 } : { text: "ok" }));
    const engine = engineDaysAgo(95);
    const ctx = ctxThen(account, engine);
    const { executionId } = await runOnce(account, engine, ["a>b"]);
    engine.clock.advance(10 * DAY_MS);
    const again = await retryExecution(ctx, engine, { executionId });
    await engine.drain();
    broken = false;
    await pruned(pruneExecutions);
    expect(await executionsLeft()).toBe(2);
    const third = await retryExecution(ctx, engine, { executionId: again.executionId });
    expect(third.savedCostNanoUsd).toBeGreaterThan(0);
    await engine.drain();
    // The last of them is due, then what it retried, and so on.
    for (let run = 0; run < 3; run += 1) await pruned(pruneExecutions, Date.now() + 10 * DAY_MS);
    expect(await executionsLeft()).toBe(0);
  });

  test("go in pages, the oldest first, and the rest in the next run", async () => {
    const workflowId = await createWorkflow(account, ["a"], NO_RETRIES);
    await addExecutions(account.workspaceId, workflowId, 530, 100);
    const usage = await pruned(pruneExecutions);
    expect(usage.queries).toBe(10);
    expect(usage.rowsRead).toBeLessThan(500 * 20);
    expect(await executionsLeft()).toBe(30);
    const oldest = await env.DB.prepare("SELECT min(created_at) AS at FROM executions").first("at");
    const newest = await env.DB.prepare("SELECT max(created_at) AS at FROM executions").first("at");
    expect(z.number().parse(newest) - z.number().parse(oldest)).toBe(29);
    await pruned(pruneExecutions);
    expect(await executionsLeft()).toBe(0);
  });

  test("cost no reading of what is kept, and that of logs no second look", async () => {
    const workflowId = await createWorkflow(account, ["a"], NO_RETRIES);
    const readBy = async (task: typeof pruneExecutions) => (await pruned(task)).rowsRead;
    const few = [await readBy(pruneExecutions), await readBy(pruneLogs)];
    await addExecutions(account.workspaceId, workflowId, 400, 60);
    await addExecutions(account.workspaceId, workflowId, 2_000, 10);
    // 400 are past the time of logs and within that of executions.
    const first = await readBy(pruneLogs);
    expect(first).toBeGreaterThan(400);
    expect(first).toBeLessThan(400 * 10);
    const [executions = 0, logs = 0] = few;
    expect(await readBy(pruneExecutions)).toBeLessThanOrEqual(executions + 1);
    expect(await readBy(pruneLogs)).toBeLessThanOrEqual(logs + 5);
  });
});

test("logs go before their executions, where a workspace says so", async () => {
  answerAsOpenAi(() => ({ text: "ok" }));
  await account.send("PUT", "/api/settings", { logDays: 7 });
  const elsewhere = await signUp();
  await elsewhere.send("PUT", "/api/settings", { logDays: null });
  const old = await runOnce(account, engineDaysAgo(8), ["a"]);
  const young = await runOnce(account, engineDaysAgo(6), ["a"]);
  const other = await runOnce(elsewhere, engineDaysAgo(80), ["a"]);
  const lines = async (who: Account, { executionId }: { executionId: string }) => {
    const { status, body } = await who.send<{ items: unknown[] }>("GET", `/api/executions/${executionId}/logs`);
    return { status, lines: body.items.length > 0 };
  };
  await pruned(pruneLogs);
  expect(await lines(account, old)).toEqual({ status: 200, lines: false });
  expect(await lines(account, young)).toEqual({ status: 200, lines: true });
  expect(await lines(elsewhere, other)).toEqual({ status: 200, lines: true });
  await pruned(pruneLogs, Date.now() + 2 * DAY_MS);
  expect((await lines(account, young)).lines).toBe(false);
});

test("a webhook keeps a call for as many days as its workspace says", async () => {
  await account.send("PUT", "/api/settings", { callDays: 2 });
  const workflowId = await createWorkflow(account, ["a"], NO_RETRIES);
  const { id, webhookUrl } = await createWebhook(account, workflowId, { ipWhitelist: ["192.0.2.1"] });
  const { status } = await account.fetch(new URL(webhookUrl).pathname, { method: "POST", body: "{}" });
  expect(status).toBe(403);
  await recorded(account, id, 1);
  const days = await runInDurableObject(env.WEBHOOK_GATE.getByName(id), (_, state) =>
    state.storage.sql.exec("SELECT (kept_until - at) / 86400000 AS days FROM calls").toArray(),
  );
  expect(days).toEqual([{ days: 2 }]);
});

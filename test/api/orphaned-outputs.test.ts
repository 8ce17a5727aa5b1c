import { env } from "cloudflare:workers";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { openDb } from "../../src/db/client.ts";
import { cancelExecution } from "../../src/executions/cancel-execution.ts";
import { prune } from "../../src/executions/index.ts";
import { getExecution } from "../../src/executions/read-execution.ts";
import { retryExecution } from "../../src/executions/retry-execution.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { ctxWith, type TestEngine, testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { runOnce } from "../worker/run-once.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const HOUR_MS = 3_600_000;
const NO_RETRIES = { settings: { stepRetries: 0 } };
const large = "x".repeat(300_000);

async function objectsOf(executionId: string): Promise<number> {
  const { objects } = await env.OUTPUTS.list();
  return objects.filter(({ key }) => key.includes(executionId)).length;
}

async function announced(): Promise<unknown> {
  return env.DB.prepare("SELECT count(*) AS n FROM orphaned_outputs").first("n");
}

/** Prunes as the cron does, in an invocation of its own. */
function pruneNow(engine: TestEngine) {
  const db = openDb(env.DB);
  return prune({ ...engine, db }).then(() => db.usage);
}

test("an output that was stored while its step was cancelled is removed a day later", async () => {
  answerAsOpenAi(() => ({ text: large }));
  const engine = testEngine();
  const { put } = engine.outputs;
  vi.spyOn(engine.outputs, "put").mockImplementation(async (key, text) => {
    await put(key, text);
    const [, executionId = ""] = key.split("/");
    await cancelExecution(ctxWith(account, engine), engine, executionId);
  });
  const { executionId } = await runOnce(account, engine, ["a"], NO_RETRIES);
  expect((await getExecution(ctxWith(account, engine), engine, executionId)).status).toBe("cancelled");
  expect(await objectsOf(executionId)).toBe(1);
  engine.clock.advance(23 * HOUR_MS);
  await pruneNow(engine);
  // Younger than a day it may belong to a step that is about to name it.
  expect(await objectsOf(executionId)).toBe(1);
  engine.clock.advance(HOUR_MS);
  await pruneNow(engine);
  expect(await objectsOf(executionId)).toBe(0);
  expect(await announced()).toBe(0);
});

test("an output that its step names is kept, and is removed at once with its step", async () => {
  answerAsOpenAi(() => ({ text: large }));
  const engine = testEngine();
  const { workflowId, executionId } = await runOnce(account, engine, ["a"], NO_RETRIES);
  engine.clock.advance(25 * HOUR_MS);
  expect(await announced()).toBe(1);
  await pruneNow(engine);
  expect(await announced()).toBe(0);
  expect((await getExecution(ctxWith(account, engine), engine, executionId)).output).toBe(large);
  await account.send("DELETE", `/api/workflows/${workflowId}`);
  await pruneNow(engine);
  expect(await objectsOf(executionId)).toBe(0);
});

test("a retry that loses to another with the same Idempotency-Key leaves no copies behind", async () => {
  let broken = true;
  answerAsOpenAi(({ system }) => {
    if (system === "You are a.") return { text: large };
    return broken ? { status: 400 } : { text: "ok" };
  });
  const engine = testEngine();
  const ctx = ctxWith(account, engine);
  const { executionId } = await runOnce(account, engine, ["a>b"], NO_RETRIES);
  broken = false;
  const request = { executionId, idempotencyKey: { route: "retry", key: "k", bodyHash: "h" } };
  const [one, two] = await Promise.all([retryExecution(ctx, engine, request), retryExecution(ctx, engine, request)]);
  expect(two.executionId).toBe(one.executionId);
  await engine.drain();
  const before = (await env.OUTPUTS.list()).objects.length;
  expect(before).toBe(3);
  engine.clock.advance(25 * HOUR_MS);
  await pruneNow(engine);
  expect((await env.OUTPUTS.list()).objects.length).toBe(2);
  expect((await getExecution(ctx, engine, one.executionId)).steps[0]?.output).toBe(large);
});

test("no named output is removed, however many keys are looked at before it", async () => {
  answerAsOpenAi(() => ({ text: "short" }));
  const engine = testEngine();
  const { executionId } = await runOnce(account, engine, ["a"], NO_RETRIES);
  const keys = JSON.stringify(Array.from({ length: 1_100 }, (_, index) => `many/${index}`));
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO steps (workspace_id, execution_id, node_id, agent_id, name, position, status, waiting, taken, output_key)
       SELECT ?1, ?2, 'n' || key, 'a', 'A', 1, 'succeeded', 0, 0, value FROM json_each(?3)`,
    ).bind(account.workspaceId, executionId, keys),
    env.DB.prepare("INSERT INTO orphaned_outputs (output_key) SELECT value FROM json_each(?1)").bind(keys),
  ]);
  const removed = vi.spyOn(engine.outputs, "delete");
  while (Number(await announced()) > 0) await pruneNow(engine);
  expect(removed).not.toHaveBeenCalled();
});

test("pruning reads what is old enough to be removed, and not the steps", async () => {
  answerAsOpenAi(() => ({ text: "short" }));
  const engine = testEngine();
  await runOnce(
    account,
    engine,
    Array.from({ length: 60 }, (_, index) => `a>b${index}`),
    NO_RETRIES,
  );
  await env.DB.prepare(
    "INSERT INTO orphaned_outputs (output_key, created_at) SELECT 'young/' || key, ?1 FROM json_each(?2)",
  )
    .bind(engine.clock.now(), JSON.stringify(Array(200).fill(0)))
    .run();
  await env.DB.prepare("INSERT INTO orphaned_outputs (output_key) VALUES ('old/1'), ('old/2')").run();
  const { rowsRead } = await pruneNow(engine);
  expect(rowsRead).toBeLessThan(40);
  expect(await announced()).toBe(200);
});

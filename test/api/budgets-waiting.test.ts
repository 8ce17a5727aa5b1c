import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { WrittenBudget } from "../../src/costs/budget-inputs.ts";
import { startExecution } from "../../src/executions/index.ts";
import { getExecution } from "../../src/executions/read-execution.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { ctxWith, resetBreaker, type TestEngine, testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { createWorkflow } from "../worker/workflows.ts";

/** More than the worst case of one call of these tests, and less than that of two. */
const ROOM_FOR_ONE = "0.0003";

let account: Account;
beforeEach(async () => {
  account = await signUp();
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function budget(limitUsd: string, over: object = {}): Promise<WrittenBudget> {
  const body = { period: "month", limitUsd, action: "block", ...over };
  const answer = await account.send<WrittenBudget>("POST", "/api/budgets", body);
  if (answer.status !== 201) throw new Error(`creating a budget answered ${answer.status}`);
  return answer.body;
}

async function workflow(agent: object = {}): Promise<string> {
  return createWorkflow(account, ["a"], { settings: { stepRetries: 0 }, agents: { a: agent } });
}

async function start(engine: TestEngine, workflowId: string): Promise<string> {
  const trigger = { type: "manual", id: null } as const;
  return (await startExecution(ctxWith(account, engine), engine, { workflowId, input: "go", trigger })).executionId;
}

const read = (engine: TestEngine, executionId: string) => getExecution(ctxWith(account, engine), engine, executionId);

/** One execution whose call is under way and holds the money, and a second one that has come too late for it. */
async function oneHoldsTheMoney(engine: TestEngine, agent: object = {}) {
  const under = Promise.withResolvers<void>();
  const hold = Promise.withResolvers<void>();
  const calls = answerAsOpenAi(async (_, count) => {
    if (count > 1) return { text: "second" };
    under.resolve();
    await hold.promise;
    return { text: "first" };
  });
  const workflowId = await workflow(agent);
  await start(engine, workflowId);
  const [first] = engine.sent.splice(0);
  if (!first) throw new Error("nothing was sent");
  const running = engine.deliver(first.message);
  await under.promise;
  const second = await start(engine, workflowId);
  const [message] = engine.sent.splice(0);
  if (!message) throw new Error("nothing was sent");
  await engine.deliver(message.message);
  const release = async () => {
    hold.resolve();
    await running;
  };
  return { calls, second, release };
}

test("a call whose money is only held by another one waits for it, and is made when that has ended", async () => {
  await budget(ROOM_FOR_ONE);
  const engine = testEngine();
  const { calls, second, release } = await oneHoldsTheMoney(engine);
  expect((await read(engine, second)).steps[0]).toMatchObject({ status: "ready", attempts: 0 });
  const [again] = engine.sent;
  expect(again?.delaySeconds).toBeGreaterThanOrEqual(3);
  expect(again?.delaySeconds).toBeLessThanOrEqual(5);
  expect(calls).toHaveLength(1);
  await release();
  await engine.drain();
  const { status, steps } = await read(engine, second);
  expect(status).toBe("succeeded");
  // Waiting is no failure: it left no attempt, and used up none of the retries, of which there are none.
  expect(steps[0]).toMatchObject({ attempts: 1, output: "second" });
});

test("one that waits in vain until its time is over fails, and says what is spent and what is held", async () => {
  const { id } = await budget(ROOM_FOR_ONE);
  const engine = testEngine({ every: () => () => undefined });
  const deadlineMs = 60_000;
  const { calls, second, release } = await oneHoldsTheMoney(engine, { fallback: { enabled: false, deadlineMs } });
  const begunAt = engine.clock.now();
  await engine.drain();
  const { status, steps } = await read(engine, second);
  expect(status).toBe("failed");
  expect(steps[0]?.error).toMatchObject({ code: "budget" });
  expect(steps[0]?.error?.message).toMatch(/0\.00 USD are spent, 0\.000\d+ USD reserved by calls under way/);
  expect(steps[0]?.error?.message).toContain(`PUT /api/budgets/${id}`);
  expect(engine.clock.now() - begunAt).toBeGreaterThan(deadlineMs / 2);
  expect(engine.clock.now() - begunAt).toBeLessThan(deadlineMs);
  expect(calls).toHaveLength(1);
  await release();
});

test("the first budget that is made while a step runs holds for its next call", async () => {
  const engine = testEngine();
  const workflowId = await workflow({ fallback: { enabled: false, retries: 3 } });
  const calls = answerAsOpenAi(async (_, count) => {
    if (count === 1) await budget("0.0001");
    return { status: 500 };
  });
  const executionId = await start(engine, workflowId);
  await engine.drain();
  expect(calls).toHaveLength(1);
  expect((await read(engine, executionId)).steps[0]).toMatchObject({ error: { code: "budget" }, attempts: 2 });
  await resetBreaker(engine, account);
});

test("a target that a budget refuses is left for one that fits", async () => {
  const workflowId = await workflow({
    model: "nobody-knows-1",
    fallback: { enabled: true, targets: [{ provider: "openai", model: "gpt-6-luna" }] },
  });
  await budget("10");
  const calls = answerAsOpenAi(() => ({ text: "ok" }));
  const engine = testEngine();
  const executionId = await start(engine, workflowId);
  await engine.drain();
  expect(calls.map(({ model }) => model)).toEqual(["gpt-6-luna"]);
  expect(await read(engine, executionId)).toMatchObject({ status: "succeeded", steps: [{ fallbackUsed: true }] });
  const path = `/api/executions/${executionId}/attempts`;
  expect((await account.send<object>("GET", path)).body).toMatchObject({
    items: [{ errorKind: "unpriced" }, { status: "succeeded" }],
  });
});

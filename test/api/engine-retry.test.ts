import { env } from "cloudflare:workers";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { startExecution } from "../../src/executions/index.ts";
import { getExecution } from "../../src/executions/read-execution.ts";
import { retryExecution } from "../../src/executions/retry-execution.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { ctxWith, testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { runOnce } from "../worker/run-once.ts";
import { definitionOf } from "../worker/workflows.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const NO_RETRIES = { settings: { stepRetries: 0 } };

test("a retry runs only what did not succeed, with the outputs that were there, and links to its origin", async () => {
  let broken = true;
  const calls = answerAsOpenAi(({ system }) =>
    system === "You are c." && broken ? { status: 500 } : { text: `${system}` },
  );
  const engine = testEngine();
  const ctx = ctxWith(account, engine);
  const { executionId } = await runOnce(account, engine, ["a>b", "a>c", "b>d", "c>d"], NO_RETRIES);
  expect(calls.map((call) => call.system)).toEqual(["You are a.", "You are b.", "You are c.", "You are d."]);

  broken = false;
  calls.length = 0;
  const retried = await retryExecution(ctx, engine, { executionId });
  // d had run on b alone: now that c may answer it must run again.
  // Each reused call had 10 tokens in at $0.40 and 5 out at $1.60 a million: 4,000 and 8,000 nano-USD.
  expect(retried).toMatchObject({ status: "queued", reusedSteps: 2, savedCostNanoUsd: 24_000 });
  await engine.drain();
  expect(calls.map((call) => call.system)).toEqual(["You are c.", "You are d."]);
  expect(calls[1]?.prompt).toBe("## B\n\nYou are b.\n\n## C\n\nYou are c.");
  const execution = await getExecution(ctx, engine, retried.executionId);
  expect(execution).toMatchObject({
    status: "succeeded",
    retryOf: executionId,
    reusedSteps: 2,
    trigger: { type: "retry", id: executionId },
    input: "go",
  });
  expect(execution.steps.map((step) => step.reused)).toEqual([true, true, false, false]);
});

test("a retry of what is under way, or of what succeeded, is refused", async () => {
  answerAsOpenAi(() => ({ text: "ok" }));
  const engine = testEngine();
  const ctx = ctxWith(account, engine);
  const { workflowId, executionId } = await runOnce(account, engine, ["a"], NO_RETRIES);
  await expect(retryExecution(ctx, engine, { executionId })).rejects.toMatchObject({ code: "nothing_to_retry" });
  const trigger = { type: "manual", id: null } as const;
  const running = await startExecution(ctx, engine, { workflowId, input: null, trigger });
  await expect(retryExecution(ctx, engine, running)).rejects.toMatchObject({ code: "execution_running" });
});

test("a retry under a mended version reuses what is the same and runs what changed and what follows from it", async () => {
  const calls = answerAsOpenAi(({ system }) => (system === "You are c." ? { status: 400 } : { text: `${system}` }));
  const engine = testEngine();
  const ctx = ctxWith(account, engine);
  const { workflowId, executionId } = await runOnce(account, engine, ["a>b", "b>c", "a>d"], NO_RETRIES);
  const mended = definitionOf(["a>b", "b>c", "a>d"], {
    ...NO_RETRIES,
    agents: { b: { systemPrompt: "You are the new b." }, c: { systemPrompt: "You are the new c." } },
  });
  await account.send("PUT", `/api/workflows/${workflowId}`, mended);
  calls.length = 0;
  const retried = await retryExecution(ctx, engine, { executionId, version: 2 });
  expect(retried.reusedSteps).toBe(2);
  await engine.drain();
  expect(calls.map((call) => call.system)).toEqual(["You are the new b.", "You are the new c."]);
  expect((await getExecution(ctx, engine, retried.executionId)).version).toBe(2);
});

test("a retry has its own copy of a large output", async () => {
  const large = "x".repeat(300_000);
  let broken = true;
  answerAsOpenAi(({ system }) => {
    if (system === "You are a.") return { text: large };
    return broken ? { status: 400 } : { text: "ok" };
  });
  const engine = testEngine();
  const ctx = ctxWith(account, engine);
  const { executionId } = await runOnce(account, engine, ["a>b"], NO_RETRIES);
  broken = false;
  const retried = await retryExecution(ctx, engine, { executionId });
  await engine.drain();
  const keys = (await env.OUTPUTS.list()).objects.map((object) => object.key);
  await env.OUTPUTS.delete(keys.filter((key) => key.includes(executionId)));
  const execution = await getExecution(ctx, engine, retried.executionId);
  expect(execution.status).toBe("succeeded");
  expect(execution.steps[0]?.output).toBe(large);
});

test.each([
  ["length(keys(steps)) == `2`", "succeeded"],
  ["length(keys(steps)) > `2`", "skipped"],
  ["steps.a.output && steps.b.output", "succeeded"],
])("a condition %s sees the source and its ancestors, live and in a retry alike", async (condition, expected) => {
  let broken = true;
  answerAsOpenAi(({ system }) => (system === "You are z." && broken ? { status: 400 } : { text: `${system}` }));
  const engine = testEngine();
  const ctx = ctxWith(account, engine);
  const edges = ["other>z", "a>b", "b>z", `b>c?${condition}`];
  const { executionId } = await runOnce(account, engine, edges, NO_RETRIES);
  const live = await getExecution(ctx, engine, executionId);
  expect(live.steps.find((step) => step.nodeId === "c")?.status).toBe(expected);
  broken = false;
  const retried = await retryExecution(ctx, engine, { executionId });
  await engine.drain();
  const again = await getExecution(ctx, engine, retried.executionId);
  expect(again.steps.find((step) => step.nodeId === "c")?.status).toBe(expected);
});

test("a retry under a version that skips what ran before runs again what was made from it", async () => {
  let broken = true;
  const calls = answerAsOpenAi(({ system }) =>
    system === "You are z." && broken ? { status: 400 } : { text: `${system}` },
  );
  const engine = testEngine();
  const ctx = ctxWith(account, engine);
  const { workflowId, executionId } = await runOnce(account, engine, ["a>b", "a>d", "b>d", "d>z"], NO_RETRIES);
  const mended = definitionOf(["a>b?output == 'never'", "a>d", "b>d", "d>z"], NO_RETRIES);
  await account.send("PUT", `/api/workflows/${workflowId}`, mended);
  broken = false;
  calls.length = 0;
  const retried = await retryExecution(ctx, engine, { executionId, version: 2 });
  await engine.drain();
  expect(calls.map((call) => [call.system, call.prompt])).toEqual([
    ["You are d.", "You are a."],
    ["You are z.", "You are d."],
  ]);
  expect(retried.reusedSteps).toBe(1);
});

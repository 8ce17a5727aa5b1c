import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { cancelExecution } from "../../src/executions/cancel-execution.ts";
import { consumeDeadLetters, type LiveEvent, startExecution, sweep } from "../../src/executions/index.ts";
import { CALL_BUDGET_MS } from "../../src/executions/limits.ts";
import { getExecution } from "../../src/executions/read-execution.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { batchOf, ctxWith, resetBreaker, type TestEngine, testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { createWorkflow } from "../worker/workflows.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Starts an execution whose messages lie in `engine.sent`. */
async function start(engine: TestEngine, edges: readonly string[], settings: object = {}) {
  const workflowId = await createWorkflow(account, edges, { settings });
  const trigger = { type: "manual", id: null } as const;
  const { executionId } = await startExecution(ctxWith(account, engine), engine, { workflowId, input: "go", trigger });
  return { workflowId, executionId };
}

const message = (executionId: string, nodeId: string) => ({ workspaceId: account.workspaceId, executionId, nodeId });

describe("what watchers are told", () => {
  let events: LiveEvent[];
  let engine: TestEngine;
  beforeEach(async () => {
    events = [];
    engine = testEngine({ publish: (_, told) => events.push(...told) });
    await env.DB.prepare(
      "INSERT INTO live_watches (workspace_id, until) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET until = ?2",
    )
      .bind(account.workspaceId, engine.clock.now() + 3_600_000)
      .run();
  });

  /** The last state that was told of each step, and of the execution under its own id. */
  const told = () =>
    Object.fromEntries(
      events.flatMap((event) => {
        if (event.type === "step") return [[event.nodeId, event.status]];
        return event.type === "execution" ? [["execution", event.status]] : [];
      }),
    );

  test("skipped steps are told with the step that decided it", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    await start(engine, ["a>b?`false`", "b>c", "a>d"]);
    await engine.drain();
    expect(told()).toEqual({ a: "succeeded", b: "skipped", c: "skipped", d: "succeeded", execution: "succeeded" });
  });

  test("a cancel tells the end of every step that it stopped", async () => {
    const { executionId } = await start(engine, ["a>b"]);
    await cancelExecution(ctxWith(account, engine), engine, executionId);
    expect(told()).toEqual({ a: "cancelled", b: "cancelled", execution: "cancelled" });
  });

  test("a timeout tells the end of every step that it stopped", async () => {
    await start(engine, ["a>b"], { timeoutSeconds: 60 });
    engine.clock.advance(60_001);
    await sweep(engine);
    expect(told()).toEqual({ a: "cancelled", b: "cancelled", execution: "failed" });
  });

  test("a dead letter tells the end of its step and of the execution", async () => {
    const { executionId } = await start(engine, ["a>b"]);
    await consumeDeadLetters(engine, batchOf([message(executionId, "a")]));
    expect(told()).toEqual({ a: "failed", b: "skipped", execution: "failed" });
  });

  test("lines of the log are told without what they say", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    await start(engine, ["a"]);
    await engine.drain();
    const lines = events.filter((event) => event.type === "log");
    expect(lines.map((line) => Object.keys(line).toSorted())).toEqual([
      ["at", "executionId", "level", "nodeId", "type"],
    ]);
  });

  test("nobody is told anything while nobody watches", async () => {
    await env.DB.prepare("DELETE FROM live_watches").run();
    answerAsOpenAi(() => ({ text: "ok" }));
    const { executionId } = await start(engine, ["a>b?`false`"]);
    await engine.drain();
    await start(engine, ["a"]).then(({ executionId: other }) =>
      cancelExecution(ctxWith(account, engine), engine, other),
    );
    expect(executionId).not.toBe("");
    expect(events).toEqual([]);
  });
});

test("a workflow that is deleted during a call leaves what the call cost in the ledger", async () => {
  const deleted = Promise.withResolvers<void>();
  const calls = answerAsOpenAi(async () => {
    await deleted.promise;
    return { text: "ok" };
  });
  const engine = testEngine();
  const { workflowId, executionId } = await start(engine, ["a>b"]);
  const working = engine.deliver(message(executionId, "a"));
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  await account.send("DELETE", `/api/workflows/${workflowId}`);
  deleted.resolve();
  expect(await working).toBe(true);
  const row = await env.DB.prepare("SELECT input_tokens FROM execution_costs WHERE execution_id = ?")
    .bind(executionId)
    .first();
  expect(z.object({ input_tokens: z.number() }).parse(row).input_tokens).toBe(10);
});

test("reasoning that ate all tokens is paid once: asking again would end the same", async () => {
  const fetch = vi.spyOn(globalThis, "fetch").mockImplementation(async () =>
    Response.json({
      id: "c",
      object: "chat.completion",
      created: 1,
      model: "gpt-4.1-mini",
      choices: [{ index: 0, finish_reason: "length", message: { role: "assistant", content: "" } }],
      usage: { prompt_tokens: 10, completion_tokens: 100, total_tokens: 110 },
    }),
  );
  const engine = testEngine();
  const { executionId } = await start(engine, ["a"]);
  await engine.drain();
  expect(fetch).toHaveBeenCalledTimes(1);
  const execution = await getExecution(ctxWith(account, engine), engine, executionId);
  expect(execution.error?.message).toContain("maxTokens");
  expect(execution.outputTokens).toBe(100);
});

test("a message that comes before its step is due comes again when it is", async () => {
  answerAsOpenAi((_, count) => (count === 1 ? { status: 429, headers: { "retry-after": "30" } } : { text: "ok" }));
  const engine = testEngine();
  const { executionId } = await start(engine, ["a"]);
  await engine.deliver(message(executionId, "a"));
  engine.sent.length = 0;
  engine.clock.advance(20_000);
  expect(await engine.deliver(message(executionId, "a"))).toBe(true);
  // Thirty seconds, of which twenty are over, and what keeps those who wait for one moment apart.
  expect(engine.sent).toEqual([{ message: message(executionId, "a"), delaySeconds: expect.any(Number) }]);
  const delaySeconds = engine.sent[0]?.delaySeconds ?? 0;
  expect(delaySeconds).toBeGreaterThanOrEqual(10);
  expect(delaySeconds).toBeLessThan(20);
  await resetBreaker(engine, account);
});

test("a call that is begun late in a consumer's life is ended before the consumer is", async () => {
  const timeouts: number[] = [];
  const engine = testEngine({
    complete: async (_, request, { timeoutMs }) => {
      timeouts.push(timeoutMs);
      // The first call takes most of what the consumer has.
      engine.clock.advance(7 * 60_000);
      return { text: "ok", model: request.model, finishReason: "stop", usage: null, latencyMs: 1 };
    },
  });
  const fallback = { enabled: false, attemptTimeoutMs: 600_000, deadlineMs: 900_000 };
  const workflowId = await createWorkflow(account, ["a>b"], { agents: { a: { fallback }, b: { fallback } } });
  const trigger = { type: "manual", id: null } as const;
  const { executionId } = await startExecution(ctxWith(account, engine), engine, { workflowId, input: "go", trigger });
  await engine.deliver(message(executionId, "a"));
  expect(timeouts).toEqual([600_000, CALL_BUDGET_MS - 7 * 60_000]);
});

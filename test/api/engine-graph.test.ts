import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { startExecution } from "../../src/executions/index.ts";
import { getExecution } from "../../src/executions/read-execution.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { ctxWith, type TestEngine, testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { createWorkflow } from "../worker/workflows.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs a graph to its end and answers the execution. */
async function run(
  edges: readonly string[],
  options: { settings?: object; agents?: Record<string, object>; input?: unknown } = {},
  engine: TestEngine = testEngine(),
) {
  const workflowId = await createWorkflow(account, edges, options);
  const ctx = ctxWith(account, engine);
  const trigger = { type: "manual", id: null } as const;
  const { executionId } = await startExecution(ctx, engine, { workflowId, input: options.input ?? "go", trigger });
  await engine.drain();
  return getExecution(ctx, engine, executionId);
}

function statuses(execution: { steps: { nodeId: string; status: string }[] }) {
  return Object.fromEntries(execution.steps.map((step) => [step.nodeId, step.status]));
}

describe("a graph of agents", () => {
  test("a chain hands each output to the next and ends with the last", async () => {
    const calls = answerAsOpenAi(({ prompt, system }) => ({ text: `${system} heard: ${prompt}` }));
    const execution = await run(["a>b", "b>c"], { input: "hello" });
    expect(execution.status).toBe("succeeded");
    expect(calls.map((call) => call.system)).toEqual(["You are a.", "You are b.", "You are c."]);
    expect(execution.output).toBe("You are c. heard: You are b. heard: You are a. heard: hello");
    expect(execution.inputTokens).toBe(30);
    expect(execution.steps.every((step) => step.attempts === 1)).toBe(true);
  });

  test("a chain is one invocation: only its first step goes over the queue", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine();
    const send = vi.spyOn(engine, "send");
    await run(["a>b", "b>c", "c>d"], {}, engine);
    expect(send.mock.calls.flatMap(([messages]) => messages).map((message) => message.nodeId)).toEqual(["a"]);
  });

  test("a join runs once, after all its branches, with the output of each under its name", async () => {
    const calls = answerAsOpenAi(({ system }) => ({ text: `from ${system}` }));
    const execution = await run(["a>b", "a>c", "b>d", "c>d"]);
    expect(execution.status).toBe("succeeded");
    expect(calls.filter((call) => call.system === "You are d.")).toHaveLength(1);
    expect(calls.at(-1)?.prompt).toBe("## B\n\nfrom You are b.\n\n## C\n\nfrom You are c.");
  });

  test("several last steps make an output by node", async () => {
    answerAsOpenAi(({ system }) => ({ text: `${system}` }));
    const execution = await run(["a>b", "a>c"]);
    expect(execution.output).toEqual({ b: "You are b.", c: "You are c." });
  });

  test("an edge whose condition is false is not taken, and what only it led to is skipped, on and on", async () => {
    const calls = answerAsOpenAi(({ system }) => ({ text: system === "You are a." ? '{"score": 3}' : "ok" }));
    const execution = await run(["a>b?json.score > `5`", "a>c?json.score <= `5`", "b>d", "d>e", "c>f", "e>f"]);
    expect(statuses(execution)).toEqual({
      a: "succeeded",
      b: "skipped",
      c: "succeeded",
      d: "skipped",
      e: "skipped",
      f: "succeeded",
    });
    expect(execution.status).toBe("succeeded");
    expect(calls).toHaveLength(3);
  });

  test("a join with one edge taken and one skipped branch runs", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const execution = await run(["a>b?`false`", "a>c", "b>d", "c>d"]);
    expect(statuses(execution)).toMatchObject({ b: "skipped", d: "succeeded" });
  });

  test("a failed step skips what depends on it alone; other branches finish and the execution fails", async () => {
    answerAsOpenAi(({ system }) => (system === "You are b." ? { status: 400 } : { text: "ok" }));
    const execution = await run(["a>b", "a>c", "b>d", "c>e"]);
    expect(statuses(execution)).toEqual({ a: "succeeded", b: "failed", c: "succeeded", d: "skipped", e: "succeeded" });
    expect(execution.status).toBe("failed");
    expect(execution.error).toMatchObject({ code: "invalid_request", nodeId: "b" });
  });

  test("a condition that cannot be evaluated fails the step whose edge it is", async () => {
    answerAsOpenAi(() => ({ text: "plain" }));
    const execution = await run(["a>b?length(`5`)"]);
    expect(statuses(execution)).toEqual({ a: "failed", b: "skipped" });
    expect(execution.error?.code).toBe("condition_failed");
  });

  test("maxParallel is never exceeded and everything still runs", async () => {
    let running = 0;
    let most = 0;
    answerAsOpenAi(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running -= 1;
      return { text: "ok" };
    });
    const engine = testEngine();
    const workflowId = await createWorkflow(account, ["a>b", "a>c", "a>d", "a>e", "a>f"], {
      settings: { maxParallel: 2 },
    });
    const ctx = ctxWith(account, engine);
    const trigger = { type: "manual", id: null } as const;
    const { executionId } = await startExecution(ctx, engine, { workflowId, input: null, trigger });
    while (engine.sent.length > 0) {
      await Promise.all(engine.sent.splice(0).map(({ message }) => engine.deliver(message)));
    }
    const execution = await getExecution(ctx, engine, executionId);
    expect(execution.status).toBe("succeeded");
    expect(most).toBe(2);
  });

  test("a graph of 500 nodes in layers runs every step once", async () => {
    const calls = answerAsOpenAi(() => ({ text: "ok" }));
    const edges: string[] = [];
    for (let layer = 0; layer < 9; layer += 1) {
      for (let i = 0; i < 50; i += 1) {
        edges.push(`n${layer}_${i}>n${layer + 1}_${i}`, `n${layer}_${i}>n${layer + 1}_${(i + 7) % 50}`);
      }
    }
    const execution = await run(edges);
    expect(execution.status).toBe("succeeded");
    expect(calls).toHaveLength(500);
  }, 120_000);
});
